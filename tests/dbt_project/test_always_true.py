"""Each promise that the funnel always keeps, broken by hand: its data test has to see it."""

import pytest

from tests.always_true import promises
from tests.dbt_project.compiled import REPOSITORY, CompiledProject, Database
from tests.dbt_project.oracle.models import BESIDE, ELSEWHERE, build
from tests.dbt_project.oracle.streams import wide_company

BREAKS = {
    "every_person_record_is_in_one_prospect": (
        "insert into {bridge_record_prospect} select * from {bridge_record_prospect} limit 1"
    ),
    "every_known_prospect_has_a_journey": (
        "delete from {fct_funnel} where prospect_id = (select min(prospect_id) from {fct_funnel})"
    ),
    "every_deal_has_one_primary_journey": (
        "update {fct_funnel} set deal_id = null"
        " where deal_id = (select min(deal_id) from {fct_funnel})"
    ),
    "the_funnels_won_amount_equals_the_deals": (
        "update {fct_funnel} set amount = amount + 0.01 where journey_id ="
        " (select min(journey_id) from {fct_funnel}"
        " where outcome = 'won' and deal_id is not null and amount is not null)"
    ),
    "every_touch_is_in_one_journey_or_an_orphan": (
        "delete from {fct_touch} where touch_id = (select min(touch_id) from {fct_touch})"
    ),
    "stage_times_never_run_backwards": (
        "update {fct_funnel} set won_at = timestamp '1990-01-01' where journey_id ="
        " (select min(journey_id) from {fct_funnel} where won_at is not null)"
    ),
    "nothing_that_is_inferred_counts": (
        "update {fct_funnel_event} set counts = true where event_id ="
        " (select min(event_id) from {fct_funnel_event} where evidence = 'inferred')"
    ),
    "every_contact_of_the_bridge_takes_the_outcome_of_its_deal": (
        "update {fct_deal} set outcome = 'lost' where deal_id ="
        " (select min(deal_id) from {fct_deal} inner join {bridge_deal_prospect}"
        " using (deal_id) where outcome = 'won')"
    ),
    "only_the_outcome_has_an_end": (
        "update {fct_funnel} set outcome = 'lost' where journey_id ="
        " (select min(journey_id) from {fct_funnel} where won_at is not null)"
    ),
}
"""One row broken for each promise of docs/truth.md."""


@pytest.fixture(scope="module")
def funnel(project: CompiledProject) -> Database:
    """The funnel of one wide company; each test breaks it and puts it back."""
    database = project.database()
    build(database, wide_company(0))
    database.build_with_parents(*BESIDE, given=ELSEWHERE)
    return database


def _fails(database: Database, name: str) -> bool:
    nodes = database.project.manifest["nodes"].values()
    [test] = [node for node in nodes if node["resource_type"] == "test" and node["name"] == name]
    return bool(database.connection.execute(test["compiled_code"]).fetchall())


@pytest.mark.parametrize("name", BREAKS)
def test_one_row_that_breaks_a_promise_is_seen(funnel: Database, name: str) -> None:
    assert not _fails(funnel, name)
    funnel.connection.execute("begin")
    try:
        assert funnel.rows(f"{BREAKS[name]} returning 1 as broken") != []
        assert _fails(funnel, name)
    finally:
        funnel.connection.execute("rollback")


def test_each_promise_is_held_by_a_test_that_stops_the_night(project: CompiledProject) -> None:
    severities = {
        node["name"]: node["config"]["severity"].lower()
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "test"
    }
    names = set(promises(REPOSITORY).values())
    assert {severities.get(name) for name in names} == {"error"}
    assert names == set(BREAKS)
