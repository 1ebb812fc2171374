"""What the report reads of the funnel: how far journeys came, and where they left it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.report.tables import Tables
from orchestration.warehouse.sql import identifier

ENDS: Final = ("lost", "disqualified", "open")
"""What became of a journey that came no further than a stage."""


@dataclass(frozen=True)
class Rung:
    """A stage of the agreement's ladder."""

    stage: str
    label: str
    owner: str | None


@dataclass(frozen=True)
class Step:
    """A stage of the funnel: of those that reached it, how many went on and where others are."""

    stage: str
    label: str
    owner: str | None
    reached: int
    went_on: int
    lost: int
    disqualified: int
    open: int


@dataclass(frozen=True)
class Observed:
    """A stage's entries that somebody saw (`funnel_conversion`), over all its rows."""

    stage: str
    entered: int
    went_on: int
    still_open: int
    exited: int
    won: int
    passed_unseen: int


@dataclass(frozen=True)
class Funnel:
    """The funnel of all primary journeys, from its first stage to the last."""

    steps: Sequence[Step]
    observed: Sequence[Observed]
    labels: dict[str, str]


@dataclass(frozen=True)
class _Stage:
    stage: str
    label: str
    owner: str | None
    is_exit: bool


@dataclass(frozen=True)
class _Furthest:
    place: int
    outcome: str
    journeys: int


def read_funnel(tables: Tables) -> Funnel:
    """Read how far journeys came by `fct_funnel`, and which entries were seen."""
    stages = tables.read(_Stage, "dim_stage", "order by is_exit, stage_order, stage")
    ladder = [
        Rung(s.stage, s.label, s.owner)
        for s in stages
        if not s.is_exit and tables.has("fct_funnel", f"{s.stage}_at")
    ]
    observed = tables.ask(
        Observed,
        "select stage, sum(entered), sum(went_on), sum(still_open), sum(exited), sum(won), "
        "sum(passed_unseen) from funnel_conversion group by stage, stage_order "
        "order by stage_order",
        of="funnel_conversion",
    )
    return Funnel(
        steps=_steps(ladder, _furthest(tables, ladder)),
        observed=observed,
        labels={s.stage: s.label for s in stages},
    )


def _furthest(tables: Tables, ladder: Sequence[Rung]) -> list[_Furthest]:
    if not ladder:
        return []
    reached = " + ".join(f"({identifier(f'{r.stage}_at')} is not null)::int" for r in ladder)
    return tables.ask(
        _Furthest,
        f"select {reached} - 1 as place, outcome, count(*) from fct_funnel "
        "where is_primary group by place, outcome",
        of="fct_funnel",
    )


def _steps(ladder: Sequence[Rung], furthest: Sequence[_Furthest]) -> list[Step]:
    steps = []
    for place, rung in enumerate(ladder):
        ended = {
            end: sum(f.journeys for f in furthest if f.place == place and f.outcome == end)
            for end in ENDS
        }
        steps.append(
            Step(
                stage=rung.stage,
                label=rung.label,
                owner=rung.owner,
                reached=sum(f.journeys for f in furthest if f.place >= place),
                went_on=sum(f.journeys for f in furthest if f.place > place),
                **ended,
            )
        )
    return steps
