"""The gate: nothing goes to readers that is not built and tested on what is bound."""

from pathlib import Path

import pytest

from orchestration.publish.gate import (
    Gate,
    GateClosed,
    check_gate,
    opened_for,
    read_gate,
    with_results,
    write_gate,
)
from orchestration.publish.recipes import recipes
from orchestration.warehouse.dbt_project import DbtProject
from tests.orchestration.tiny_project import (
    all_good,
    data_test,
    model,
    result,
    tiny_project,
)

TONIGHT = "what is bound tonight"
LEADS = model("leads", "select 1 as night", schema="staging")
FUNNEL = model("funnel", "select night from leads", reads=["leads"])
FUNNEL_TEST = data_test("funnel_has_nights", "funnel")


@pytest.fixture
def project() -> DbtProject:
    return tiny_project(LEADS, FUNNEL, FUNNEL_TEST)


def _after(project: DbtProject, unique_id: str, status: str) -> Gate:
    """The gate after a good build, then a run of one node that ended so."""
    gate = opened_for(all_good(project, TONIGHT), project, [unique_id])
    results = [result(unique_id, status)]
    return with_results(gate, project, results, run_id="later", fingerprint=TONIGHT)


def test_the_gate_is_open_where_all_is_built_and_passed(project: DbtProject) -> None:
    check_gate(all_good(project, TONIGHT), project, TONIGHT)


def test_the_gate_is_kept_in_a_file(project: DbtProject, tmp_path: Path) -> None:
    gate = all_good(project, TONIGHT)
    write_gate(tmp_path / "gate.json", gate)
    assert read_gate(tmp_path / "gate.json") == gate


def test_nothing_is_built_where_no_gate_was_ever_written(
    project: DbtProject, tmp_path: Path
) -> None:
    with pytest.raises(GateClosed, match="model leads was not built"):
        check_gate(read_gate(tmp_path / "gate.json"), project, TONIGHT)


@pytest.mark.parametrize("status", ["fail", "error"])
def test_a_test_that_did_not_pass_closes_the_gate_and_is_named(
    project: DbtProject, status: str
) -> None:
    with pytest.raises(GateClosed, match=f"test funnel_has_nights failed: {status}"):
        check_gate(_after(project, FUNNEL_TEST["unique_id"], status), project, TONIGHT)


def test_a_test_that_only_warns_leaves_the_gate_open(project: DbtProject) -> None:
    check_gate(_after(project, FUNNEL_TEST["unique_id"], "warn"), project, TONIGHT)


def test_a_test_that_was_skipped_closes_the_gate(project: DbtProject) -> None:
    with pytest.raises(GateClosed, match="test funnel_has_nights was not run"):
        check_gate(_after(project, FUNNEL_TEST["unique_id"], "skipped"), project, TONIGHT)


def test_a_model_that_failed_closes_the_gate(project: DbtProject) -> None:
    with pytest.raises(GateClosed, match="model funnel failed"):
        check_gate(_after(project, FUNNEL["unique_id"], "error"), project, TONIGHT)


def test_a_model_built_anew_closes_the_gate_until_its_tests_ran_again(project: DbtProject) -> None:
    with pytest.raises(GateClosed, match="test funnel_has_nights was not run"):
        check_gate(_after(project, FUNNEL["unique_id"], "success"), project, TONIGHT)


def test_a_run_that_is_cut_off_leaves_the_gate_closed(project: DbtProject) -> None:
    gate = opened_for(all_good(project, TONIGHT), project, list(project.models))
    with pytest.raises(GateClosed, match="a run of it was cut off"):
        check_gate(gate, project, TONIGHT)


def test_what_was_built_on_other_data_closes_the_gate(project: DbtProject) -> None:
    with pytest.raises(GateClosed, match="model leads was built on other data"):
        check_gate(all_good(project, "last night"), project, TONIGHT)


def test_nothing_bound_closes_the_gate(project: DbtProject) -> None:
    with pytest.raises(GateClosed, match="nothing is bound"):
        check_gate(all_good(project, TONIGHT), project, None)


def test_sql_that_changed_since_the_build_closes_the_gate_for_all_that_stands_on_it(
    project: DbtProject,
) -> None:
    leads = model("leads", "select 2 as night", schema="staging")
    changed = tiny_project(leads, FUNNEL, FUNNEL_TEST)
    with pytest.raises(GateClosed) as closed:
        check_gate(all_good(project, TONIGHT), changed, TONIGHT)
    assert "model leads was built before its SQL" in str(closed.value)
    assert "model funnel was built before its SQL, or that of a model below it" in str(closed.value)


def test_a_model_that_is_no_more_keeps_nobody_waiting(project: DbtProject) -> None:
    check_gate(all_good(project, TONIGHT), tiny_project(LEADS), TONIGHT)


def test_a_new_model_closes_the_gate_until_it_is_built(project: DbtProject) -> None:
    more = tiny_project(LEADS, FUNNEL, FUNNEL_TEST, model("deals", "select 3 as night"))
    with pytest.raises(GateClosed, match="model deals was not built"):
        check_gate(all_good(project, TONIGHT), more, TONIGHT)


def test_of_many_faults_the_first_ten_are_told_and_the_others_counted() -> None:
    many = tiny_project(*(model(f"model_{n:02}", "select 1") for n in range(13)))
    with pytest.raises(GateClosed) as closed:
        check_gate(Gate(), many, TONIGHT)
    assert str(closed.value).count("was not built") == 10
    assert "and 3 more" in str(closed.value)


def test_a_macro_that_changes_changes_the_recipe_of_what_calls_it(project: DbtProject) -> None:
    nodes = (LEADS, FUNNEL, FUNNEL_TEST)
    other = recipes(tiny_project(*nodes, macro="{{ x }} / 3"))
    assert all(other[unique_id] != recipe for unique_id, recipe in recipes(project).items())


def test_a_description_that_changes_changes_no_recipe(project: DbtProject) -> None:
    told = {**FUNNEL, "description": "One row per journey."}
    assert recipes(tiny_project(LEADS, told, FUNNEL_TEST)) == recipes(project)
