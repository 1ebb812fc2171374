"""What the report reads is what the models promise: their tables, their columns, their words."""

from dataclasses import fields
from typing import Any

import pytest

from orchestration.report import alignment, cycle, funnel, work
from orchestration.report.measures import MEANINGS, meaning, told
from orchestration.report.origin import LeftOut
from orchestration.warehouse.dbt_project import DbtProject
from tests.dbt_project.compiled import CompiledProject

READ = {
    "cycle_time_trend": cycle.TrendMonth,
    "cycle_time_summary": cycle.CycleSummary,
    "cycle_time_curve": cycle.CurveDay,
    "stage_duration": cycle.StageTime,
    "bottleneck": cycle.Bottleneck,
    "stage_occupation": cycle.Occupation,
    "commitment_attainment": alignment.Volume,
    "now_vs_road_ahead": alignment.Quarter,
    "alignment_scorecard": alignment.Figure,
    "segment_alignment": alignment.SegmentPair,
    "joint_nurture_effect": alignment.Effect,
    "handoff_worklist": work.Waiting,
    "stalled_deals": work.Stalled,
    "funnel_conversion": funnel.Observed,
    "excluded_share": LeftOut,
}


@pytest.fixture(scope="module")
def models(compiled_project: CompiledProject) -> DbtProject:
    return DbtProject(compiled_project.manifest)


@pytest.mark.parametrize("table", READ)
def test_every_column_that_is_read_is_promised(models: DbtProject, table: str) -> None:
    [model] = [m for m in models.models.values() if m["name"] == table]
    assert model["schema"] == "marts"
    kind: Any = READ[table]
    assert {field.name for field in fields(kind)} <= set(model["columns"])


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (
            "attribution_channel",
            {"model", "conversion", "channel", "conversions", "amount", "cost"},
        ),
        (
            "attribution_channel_range",
            {"conversion", "channel", "least_share", "least_model", "most_share", "most_model"},
        ),
        ("attribution_path", {"conversion", "path", "step", "paths", "conversions", "amount"}),
    ],
)
def test_every_column_that_is_added_up_is_promised(
    models: DbtProject, table: str, columns: set[str]
) -> None:
    [model] = [m for m in models.models.values() if m["name"] == table]
    assert columns <= set(model["columns"])


def test_every_measure_that_has_words_is_on_the_scorecard(models: DbtProject) -> None:
    macro = models.manifest["macros"]["macro.tandem.alignment_measures"]["macro_sql"]
    others = {"segment_alignment", "alignment_score"}
    assert not [m for m in MEANINGS if m not in others and f"'{m}'" not in macro]


def test_a_measure_without_words_of_its_own_goes_by_its_parents() -> None:
    assert meaning("joint_nurture_coverage.proposal").label == (
        "Weeks of open deals touched by both: proposal"
    )
    assert meaning("rejection_mix.no_budget").label == "no budget"
    assert meaning("brand_new.figure").label == "brand new, figure"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.5, "share", "50 %"),
        (3.5, "hours", "3.5 h"),
        (2.0, "days", "2 days"),
        (38.6, "points", "39"),
    ],
)
def test_a_value_is_told_in_its_unit(value: float, unit: str, expected: str) -> None:
    assert told(value, unit).replace("\N{NO-BREAK SPACE}", " ") == expected
    assert told(None, unit) == "no data"
