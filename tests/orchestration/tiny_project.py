"""A dbt project of a few models, as dbt's manifest tells of one, and what passed on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.publish.gate import Gate, with_results
from orchestration.warehouse.dbt_project import DbtProject
from orchestration.warehouse.dbt_run import NodeResult

MACRO = "macro.tiny.half"


def model(
    name: str, sql: str, *, reads: Sequence[str] = (), schema: str = "marts", view: bool = False
) -> dict[str, Any]:
    """A model's entry in the manifest; it has one column, `night`."""
    return {
        "unique_id": f"model.tiny.{name}",
        "name": name,
        "resource_type": "model",
        "schema": schema,
        "description": f"One row per line of {name}: nothing else.",
        "raw_code": sql,
        "language": "sql",
        "config": {"materialized": "view" if view else "table"},
        "columns": {"night": {"name": "night", "data_type": "bigint", "description": "Which."}},
        "depends_on": {"nodes": [f"model.tiny.{other}" for other in reads], "macros": [MACRO]},
    }


def data_test(name: str, on: str, severity: str = "error") -> dict[str, Any]:
    """A data test's entry in the manifest."""
    return {
        "unique_id": f"test.tiny.{name}",
        "name": name,
        "resource_type": "test",
        "raw_code": f"select * from {on} where night is null",
        "config": {"severity": severity},
        "attached_node": f"model.tiny.{on}",
        "columns": {},
        "depends_on": {"nodes": [f"model.tiny.{on}"], "macros": []},
    }


def unit_test(name: str, on: str) -> dict[str, Any]:
    """A unit test's entry in the manifest."""
    return {
        "unique_id": f"unit_test.tiny.{name}",
        "name": name,
        "resource_type": "unit_test",
        "model": on,
        "given": [],
        "expect": {"rows": []},
        "config": {},
        "depends_on": {"nodes": [f"model.tiny.{on}"], "macros": []},
    }


def tiny_project(*nodes: Mapping[str, Any], macro: str = "{{ x }} / 2") -> DbtProject:
    """A project of these models and tests, all of which call one macro."""
    return DbtProject(
        {
            "nodes": {n["unique_id"]: n for n in nodes if n["resource_type"] != "unit_test"},
            "unit_tests": {n["unique_id"]: n for n in nodes if n["resource_type"] == "unit_test"},
            "macros": {MACRO: {"macro_sql": macro, "depends_on": {"macros": []}}},
        }
    )


def result(unique_id: str, status: str) -> NodeResult:
    """How dbt ended a model or test."""
    return NodeResult(unique_id, status, 0.1, None, None, None if status == "pass" else status)


def all_good(project: DbtProject, fingerprint: str) -> Gate:
    """The gate after a build in which every model was built and every test passed."""
    results = [
        *(result(unique_id, "success") for unique_id in project.models),
        *(result(unique_id, "pass") for unique_id in project.tests),
    ]
    return with_results(Gate(), project, results, run_id="run", fingerprint=fingerprint)
