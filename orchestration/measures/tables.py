"""The tables of schema `statistics`: from which models each is made, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from orchestration.measures.cycle_time_trend import TRENDS, cycle_time_trend
from orchestration.measures.definition_kappa import definition_kappa
from orchestration.measures.delivered_volume import VOLUMES, delivered_volume
from orchestration.measures.figures import FIGURES, Settings
from orchestration.measures.joint_nurture_effect import EFFECTS, joint_nurture_effect
from orchestration.measures.nurture_silence import nurture_silence
from orchestration.measures.removal_effect import REMOVALS, removal_effect
from orchestration.measures.response_time import response_time
from orchestration.measures.road_ahead import BOUNDS, road_ahead
from orchestration.measures.role_overlap import OVERLAPS, role_overlap
from orchestration.measures.segment_alignment import ALIGNMENTS, segment_alignments
from orchestration.measures.stage_occupation import OCCUPATIONS, stage_occupation
from orchestration.measures.stage_reach import REACHES, stage_reach
from orchestration.measures.stage_what_if import WHAT_IFS, stage_what_if
from orchestration.measures.store import Store
from orchestration.statistics.suggest import PAIRS, suggest


@dataclass(frozen=True)
class Made:
    """The rows of a statistic, and why there are none where that needs saying."""

    table: pa.Table
    why_none: str | None = None


@dataclass(frozen=True)
class Statistic:
    """A table that is made of others.

    `reads` are the dbt models of schema `intermediate`, each with the columns that are needed.
    """

    name: str
    description: str
    reads: Mapping[str, str]
    schema: pa.Schema
    make: Callable[[Mapping[str, pa.Table], Settings], Made]


_SLICED: Final = "month segment team owner source cluster_id has_segments"
_COUNTED: Final = "unit segment state day at_risk to_state n horizon_days"

STATISTICS: Final[Mapping[str, Statistic]] = {
    statistic.name: statistic
    for statistic in (
        Statistic(
            name="response_time",
            description="How fast sales answers: quantiles of the cumulative incidence of the "
            "first attempt and of two-way contact, with intervals over accounts drawn anew.",
            reads={"int_response_wait": f"measure {_SLICED} hours ended_by"},
            schema=FIGURES,
            make=lambda tables, settings: Made(
                response_time(tables["int_response_wait"], settings)
            ),
        ),
        Statistic(
            name="joint_nurture_effect",
            description="Whether working together pays: hazard ratios of won and lost while both "
            "teams had worked on a deal, landmark differences, and the naive figures beside them.",
            reads={
                "int_nurture_deal": "deal_id cluster_id segment source amount cohort last_day "
                "ended_as",
                "int_nurture_spell": "lag_days deal_id from_day to_day is_joint ended_as",
            },
            schema=EFFECTS,
            make=lambda tables, settings: Made(
                joint_nurture_effect(
                    tables["int_nurture_deal"], tables["int_nurture_spell"], settings
                )
            ),
        ),
        Statistic(
            name="definition_kappa",
            description="Whether both teams mean the same by qualified, beyond chance, where sales "
            "judged a random sample of what marketing did not qualify.",
            reads={"int_definition_case": f"{_SLICED} is_what is_qualified_by_sales"},
            schema=FIGURES,
            make=lambda tables, settings: Made(
                definition_kappa(tables["int_definition_case"], settings)
            ),
        ),
        Statistic(
            name="nurture_silence",
            description="For how long each team lets an open deal be: the median over deals of "
            "the longest silence, with intervals over accounts drawn anew.",
            reads={"int_nurture_silence": f"metric {_SLICED} days"},
            schema=FIGURES,
            make=lambda tables, settings: Made(
                nurture_silence(tables["int_nurture_silence"], settings)
            ),
        ),
        Statistic(
            name="road_ahead",
            description="How much the coverage of the next quarters, and the split of this one's "
            "work, hang on a few accounts: bounds over accounts drawn anew.",
            reads={
                "int_road_deal": "deal_id segment cluster_id quarter_ahead is_what "
                "amount_reporting has_segments",
                "int_road_work": "cluster_id segment team is_on_open_deal touches has_segments",
            },
            schema=BOUNDS,
            make=lambda tables, settings: Made(
                road_ahead(tables["int_road_deal"], tables["int_road_work"], settings)
            ),
        ),
        Statistic(
            name="role_overlap",
            description="What comes of journeys on which one person did the work of both teams, "
            "beside those that different people worked on.",
            reads={
                "int_role_journey": "journey_id cluster_id segment is_separate days ended_by "
                "has_segments",
                "int_role_worker": "journey_id person_id marketing_since sales_since",
            },
            schema=OVERLAPS,
            make=lambda tables, settings: Made(
                role_overlap(tables["int_role_journey"], tables["int_role_worker"], settings)
            ),
        ),
        Statistic(
            name="segment_alignment",
            description="Whether marketing aims where sales wins: how alike spend, leads, MQLs, "
            "pipeline and wins are spread over segments, against what chance makes of them.",
            reads={
                "int_segment_case": "measure compared_with month cluster_id segment cases amount"
            },
            schema=ALIGNMENTS,
            make=lambda tables, settings: Made(
                segment_alignments(tables["int_segment_case"], settings)
            ),
        ),
        Statistic(
            name="delivered_volume",
            description="Between what bounds chance alone moves each volume that was promised and "
            "delivered, from accounts drawn anew.",
            reads={"int_commitment_delivery": "month segment team metric cluster_id quantity"},
            schema=VOLUMES,
            make=lambda tables, settings: Made(
                delivered_volume(tables["int_commitment_delivery"], settings)
            ),
        ),
        Statistic(
            name="removal_effect",
            description="Which share of the conversions is lost without a channel, by the Markov "
            "chain of all paths that ended.",
            reads={"int_path_transition": "conversion from_state to_state transitions"},
            schema=REMOVALS,
            make=lambda tables, _: Made(removal_effect(tables["int_path_transition"])),
        ),
        Statistic(
            name="cycle_time_trend",
            description="Whether the cycle gets shorter: each month's median against that of a "
            "year before, with intervals over accounts drawn anew.",
            reads={
                "int_cycle_trend_case": "curve cluster_id segment cohort days ended_by "
                "is_seen_late has_segments"
            },
            schema=TRENDS,
            make=lambda tables, settings: Made(
                cycle_time_trend(tables["int_cycle_trend_case"], settings)
            ),
        ),
        Statistic(
            name="stage_occupation",
            description="How many days a journey is in each stage up to the horizon, re-entries "
            "summed, with intervals over accounts.",
            reads={
                "int_stage_transition": _COUNTED,
                "int_stage_move": "unit cluster_id segment state to_state entry_day exit_day",
            },
            schema=OCCUPATIONS,
            make=lambda tables, settings: Made(
                stage_occupation(tables["int_stage_transition"], tables["int_stage_move"], settings)
            ),
        ),
        Statistic(
            name="stage_reach",
            description="Which share of the journeys comes to each stage by the horizon.",
            reads={"int_stage_reach": f"stage {_COUNTED}"},
            schema=REACHES,
            make=lambda tables, settings: Made(stage_reach(tables["int_stage_reach"], settings)),
        ),
        Statistic(
            name="stage_what_if",
            description="What the median cycle would be if one stage never took longer than its "
            "fastest quarter does: a walk through the stages, arithmetic and not a forecast.",
            reads={"int_stage_exit": _COUNTED},
            schema=WHAT_IFS,
            make=lambda tables, settings: Made(stage_what_if(tables["int_stage_exit"], settings)),
        ),
        Statistic(
            name="identity_suggestion",
            description="Pairs of prospects that no rule of identity ties and that may be one "
            "person, with the probability; none unless the agreement asks for suggestions.",
            reads={"int_prospect_traits": "prospect_id name company country mailbox domain phone"},
            schema=PAIRS,
            make=lambda tables, settings: _suggestions(tables["int_prospect_traits"], settings),
        ),
    )
}
"""All statistics by name."""


def make_statistic(store: Store, statistic: Statistic, settings: Settings) -> Made:
    """Make a statistic anew from the counts that a store holds, and keep it there."""
    tables = {
        model: store.read(model, columns.split()) for model, columns in statistic.reads.items()
    }
    made = statistic.make(tables, settings)
    store.keep(statistic.name, made.table.cast(statistic.schema))
    return made


def _suggestions(prospects: pa.Table, settings: Settings) -> Made:
    if settings.suggest_at_least is None:
        return Made(PAIRS.empty_table(), "the agreement asks for none")
    found = suggest(prospects, settings.suggest_at_least)
    return Made(found.pairs, found.why_none)
