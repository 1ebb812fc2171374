"""In which order models, tests and statistics are made."""

from typing import Any

import pytest

from orchestration.publish.build import waves
from orchestration.publish.gate import Gate, GateClosed, check_gate, with_results, with_statistic
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import NodeResult
from orchestration.warehouse.order import order_of
from tests.orchestration.tiny_project import data_test, model, tiny_project, unit_test

CURVE = "source.tiny.statistics.curve"
COUNTS = model("counts", "select 1 as night", schema="intermediate")
SCORECARD = model("scorecard", "select night from curve")
EARLY, LATE = data_test("counts_are_there", "counts"), data_test("scorecard_is_there", "scorecard")
OF_BOTH = data_test("scorecard_fits", "counts")


def project() -> DbtProject:
    """Counts, a statistic that Python makes of them, and a scorecard that reads it."""
    scorecard = {**SCORECARD, "depends_on": {"nodes": [CURVE], "macros": []}}
    both: dict[str, Any] = {
        **OF_BOTH,
        "depends_on": {"nodes": ["model.tiny.counts", "model.tiny.scorecard"], "macros": []},
    }
    made = tiny_project(COUNTS, scorecard, EARLY, LATE, both, unit_test("half", "counts"))
    curve = {
        "unique_id": CURVE,
        "name": "curve",
        "source_name": "statistics",
        "resource_type": "source",
        "config": {"meta": {"reads": ["counts"]}},
    }
    return DbtProject({**made.manifest, "sources": {CURVE: curve}})


def test_a_statistic_is_made_after_what_it_reads_and_before_what_reads_it() -> None:
    first, second = waves(project())
    assert first.models == ("model.tiny.counts",)
    assert first.statistics == (CURVE,)
    assert second.models == ("model.tiny.scorecard",)
    assert second.statistics == ()


def test_a_test_waits_for_the_last_of_its_models() -> None:
    first, second = waves(project())
    assert first.tests == ("test.tiny.counts_are_there",)
    assert set(second.tests) == {"test.tiny.scorecard_is_there", "test.tiny.scorecard_fits"}


def test_a_test_is_shown_on_the_last_of_its_models_whichever_it_was_written_for() -> None:
    last = order_of(project()).last_models
    assert OF_BOTH["attached_node"] == "model.tiny.counts"
    assert last["test.tiny.scorecard_fits"] == "model.tiny.scorecard"
    assert last["test.tiny.counts_are_there"] == "model.tiny.counts"


def test_a_test_waits_for_the_statistic_that_it_reads() -> None:
    of = project()
    of_curve = {
        **data_test("curve_fits", "counts"),
        "depends_on": {"nodes": ["model.tiny.counts", CURVE], "macros": []},
    }
    nodes = {**of.manifest["nodes"], "test.tiny.curve_fits": of_curve}
    first, second = waves(DbtProject({**of.manifest, "nodes": nodes}))
    assert "test.tiny.curve_fits" in second.tests
    assert "test.tiny.curve_fits" not in first.tests


def test_a_night_waits_for_no_unit_test() -> None:
    of = project()
    assert of.manifest["unit_tests"]
    assert not of.manifest["unit_tests"].keys() & of.tests.keys()


def test_nothing_is_published_without_the_statistics_of_tonight() -> None:
    of = project()
    results = [
        NodeResult(unique_id, "success", 0.1, None, None, None)
        for unique_id in (*of.models, *of.tests)
    ]
    gate = with_results(Gate(), of, results, run_id="run", fingerprint="tonight")
    made = with_statistic(gate, of, CURVE, run_id="run", fingerprint="tonight")
    check_gate(made, of, "tonight")
    with pytest.raises(GateClosed, match="statistic curve was not made"):
        check_gate(gate, of, "tonight")
    old = with_statistic(gate, of, CURVE, run_id="run", fingerprint="last night")
    with pytest.raises(GateClosed, match="statistic curve was made on other data"):
        check_gate(old, of, "tonight")
