"""Attribution and alignment keep what they promise on what the funnel makes of wide companies."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestration.agreement.hours import BusinessHours
from orchestration.measures.tables import STATISTICS
from orchestration.warehouse.business_calendar import business_calendar
from tests.dbt_project.attribution.weights import fill_weights
from tests.dbt_project.compiled import CompiledProject, Database
from tests.dbt_project.oracle.models import BESIDE, ELSEWHERE, build
from tests.dbt_project.oracle.records import Company
from tests.dbt_project.oracle.streams import wide_company
from tests.dbt_project.statistic import make

MARTS = (
    "attribution_channel",
    "attribution_campaign",
    "attribution_content",
    "attribution_path",
    "attribution_agreement",
    "attribution_channel_range",
    "alignment_scorecard",
    "alignment_score_component",
    "segment_alignment",
    "handoff_worklist",
    "definition_disagreements",
    "joint_nurture_effect",
    "joint_nurture_deal",
    "joint_nurture_silence",
    "now_vs_road_ahead",
    "role_overlap",
    "sourced_disagreements",
    "stalled_deals",
    "commitment_attainment",
    "commitment_delivery",
)
DIMENSIONS = ("dim_date", "dim_segment", "dim_user", "dim_campaign", "dim_prospect", "dim_account")
ROOMS = ("attribution", "alignment")
SEEDS = (5, 8, 9, 11, 6, 7, 10, 12)
"""Between them the first four have something of everything."""


def build_marts(database: Database, company: Company) -> None:
    """Tell a company to the funnel, and build the marts on it."""
    build(database, company)
    database.build_with_parents(*BESIDE, given=ELSEWHERE)
    days = [date(2024, 1, 1) + timedelta(days=offset) for offset in range(60)]
    database.fill(
        "dim_date",
        [
            {
                "day": day,
                "week": day - timedelta(days=day.weekday()),
                "month": day.replace(day=1),
                "fiscal_year": day.year,
                "fiscal_quarter": 1,
            }
            for day in days
        ],
    )
    database.fill("dim_segment", [{"segment": "all"}])
    fill_weights(database)
    database.fill("agreement.nurture_lags", [{"lag_days": 2}, {"lag_days": 7}])
    promise = {"team": "marketing", "per_month": 4.0, "from_day": days[0]}
    database.fill(
        "agreement.commitments",
        [{**promise, "metric": metric} for metric in ("mql", "won", "pipeline_amount")],
    )
    database.fill("dim_user", [])
    database.fill("dim_campaign", [])
    [settings] = database.rows("select * from {agreement__settings}")
    more = {
        "attribution_window_days": 10,
        "half_life_days": 5,
        "nurture_window_days": 5,
        "nurture_trailing_days": 365,
        "answer_within_minutes": 120,
        "attempts_at_least": 1,
        "attempts_within_days": 2,
        "horizon_days": 365,
        "too_few": 20,
        "confidence_level": 0.95,
    }
    database.fill("agreement.settings", [{**settings, **more}])
    zone = ZoneInfo(settings["time_zone"])
    calendar = business_calendar(BusinessHours(), zone, date(2022, 7, 1), date(2024, 6, 30))
    database.fill("agreement.business_days", [asdict(day) for day in calendar])
    funnel = [
        str(node["name"])
        for node in database.project.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] in ("staging", "input", "funnel")
    ]
    # No mart reads what is made of the funnel itself.
    of_marts = [one for one in STATISTICS.values() if not set(one.reads) & set(funnel)]
    for statistic in of_marts:
        database.build_with_parents(*statistic.reads, given=funnel)
        make(database, statistic.name)
    database.build_with_parents(*MARTS, given=funnel)


def broken_promises(database: Database) -> tuple[set[str], list[str]]:
    """The names of the data tests of both rooms, and of those that find anything."""
    nodes = database.project.manifest["nodes"]
    tests = [
        node
        for node in nodes.values()
        if node["resource_type"] == "test"
        and any(nodes[p]["fqn"][1] in ROOMS for p in node["depends_on"]["nodes"] if p in nodes)
    ]
    broken = [
        node["name"]
        for node in tests
        if database.connection.execute(node["compiled_code"]).fetchall()
    ]
    return {node["name"] for node in tests}, broken


@dataclass(frozen=True)
class _Found:
    """What the marts of one wide company have."""

    tests: set[str]
    broken: list[str]
    earned: set[tuple[str, bool]]
    counted: int


@pytest.fixture(scope="module", params=[4, pytest.param(8, marks=pytest.mark.slow)])
def found(request: pytest.FixtureRequest, project: CompiledProject) -> dict[int, _Found]:
    """So many companies, by their seeds, one after the other in one warehouse."""
    database = project.database()
    return {seed: _find(database, wide_company(seed)) for seed in SEEDS[: request.param]}


def _find(database: Database, company: Company) -> _Found:
    build_marts(database, company)
    tests, broken = broken_promises(database)
    touches = database.rows(
        "select distinct conversion, touch_id is not null from {attribution_touch}"
    )
    [evidence] = database.rows("select count(*) as n from {alignment_evidence}")
    return _Found(tests, broken, {tuple(row.values()) for row in touches}, evidence["n"])


def test_every_promise_of_the_marts_holds(found: dict[int, _Found]) -> None:
    assert {seed: of.broken for seed, of in found.items() if of.broken} == {}
    for of in found.values():
        assert of.tests >= {
            "every_model_earns_the_won_amount",
            "channels_and_campaigns_earn_what_their_touches_do_in_each_month",
            "channels_and_campaigns_cost_what_was_spent",
            "the_chain_converts_as_often_as_the_paths_do",
            "there_is_an_mql_conversion_for_each_handoff",
            "the_scorecard_counts_its_evidence",
        }


def test_the_wide_companies_have_something_of_everything(found: dict[int, _Found]) -> None:
    assert set().union(*(of.earned for of in found.values())) == {
        (conversion, is_attributed)
        for conversion in ("mql", "opportunity", "won")
        for is_attributed in (True, False)
    }
    assert sum(of.counted for of in found.values()) > 100
