"""What may read what: the one-way flow of the warehouse, held against dbt's own manifest."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.entities import ENTITIES, FieldType
from tests.dbt_project.compiled import CompiledProject

SHARED_SOURCES = {"agreement", "bound", "statistics"}
# A room reads from the rooms of a lower or the same rank; marts of different rooms don't meet.
RANKS = {"staging": 0, "input": 1, "funnel": 2, "cycle_time": 3, "attribution": 3, "alignment": 4}


def _edges(project: CompiledProject) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    nodes = {**project.manifest["nodes"], **project.manifest["sources"]}
    for node in project.manifest["nodes"].values():
        if node["resource_type"] == "model":
            for parent in node["depends_on"]["nodes"]:
                yield node, nodes[parent]


def _room(node: Mapping[str, Any]) -> str:
    return str(node["fqn"][1])


def test_only_staging_reads_raw_and_staging_reads_nothing_else(project: CompiledProject) -> None:
    faults = []
    for node, parent in _edges(project):
        is_raw = parent["resource_type"] == "source" and parent["source_name"] not in SHARED_SOURCES
        if is_raw != (_room(node) == "staging") and not (
            parent["resource_type"] == "source" and not is_raw
        ):
            faults.append(f"{node['name']} reads {parent['name']}")
    assert faults == []


def test_nothing_after_input_reads_staging(project: CompiledProject) -> None:
    faults = [
        f"{node['name']} reads {parent['name']}"
        for node, parent in _edges(project)
        if parent["resource_type"] == "model"
        and _room(parent) == "staging"
        and _room(node) != "input"
    ]
    assert faults == []


def test_a_room_never_reaches_back(project: CompiledProject) -> None:
    faults = [
        f"{node['name']} ({_room(node)}) reads {parent['name']} ({_room(parent)})"
        for node, parent in _edges(project)
        if parent["resource_type"] == "model"
        and _room(parent) != _room(node)
        and RANKS[_room(parent)] >= RANKS[_room(node)]
    ]
    assert faults == []


def test_every_model_has_a_description_and_an_enforced_contract(project: CompiledProject) -> None:
    faults = [
        node["name"]
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "model"
        and not (node["description"] and node["config"]["contract"]["enforced"])
    ]
    assert faults == []


def test_every_column_of_a_public_table_is_described(project: CompiledProject) -> None:
    faults = [
        f"{node['name']}.{column['name']}"
        for node in project.manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
        for column in node["columns"].values()
        if not column["description"]
    ]
    assert faults == []


def test_what_a_model_never_leaves_null_is_one_test_and_not_one_a_column(
    project: CompiledProject,
) -> None:
    tests = [node for node in project.manifest["nodes"].values() if node.get("test_metadata")]
    kinds = Counter((node["test_metadata"]["name"], node["attached_node"]) for node in tests)
    assert sum(kind == "never_null" for kind, _ in kinds) > 100
    assert [kind for kind, n in kinds.items() if kind[0] == "never_null" and n > 1] == []
    assert [on for kind, on in kinds if kind == "not_null"] == [], "put them into never_null"


# It is what fills fct_funnel; the share of what nobody saw is what the other tells.
READS_WHAT_IS_IMPLIED = {"int_journey_time", "funnel_conversion"}
_OBSERVED_ALONE = re.compile(r"\{\{ ref\('fct_funnel_event'\) \}\}\s+where\s+counts\b(?!\s+or)")


def test_what_is_only_implied_fills_the_funnel_and_makes_no_figure(
    project: CompiledProject,
) -> None:
    readers = {
        node["name"]: node["raw_code"]
        for node, parent in _edges(project)
        if parent["name"] == "fct_funnel_event" and node["name"] not in READS_WHAT_IS_IMPLIED
    }
    assert len(readers) > 5
    assert [name for name, sql in readers.items() if not _OBSERVED_ALONE.search(sql)] == []


DBT_TYPES = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "bigint",
    FieldType.DECIMAL: "decimal(18, 6)",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamp",
}


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
def test_dbt_declares_each_entity_as_python_does(entity: Any, project: CompiledProject) -> None:
    expected = {"source": "string", "stream": "string", "record_key": "string"}
    for field in entity.fields:
        is_rate = field.name == "rate"
        expected[field.name] = "decimal(28, 12)" if is_rate else DBT_TYPES[field.type]
        if field.is_word:
            expected[f"{field.name}_vocabulary"] = "string"
    expected |= {
        "_record_id": "string",
        "_fill": "integer",
        "_origin": "string",
        "_seq": "bigint",
        "_loaded_at": "timestamp",
        "_run_id": "string",
        "_deleted": "boolean",
    }
    assert dict(project.relations[f"raw_files.{entity.name}"].columns) == expected
