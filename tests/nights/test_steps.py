"""What a night makes of what changed, as the models' own yml tells it."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestration.nights.steps import Steps, steps_of
from orchestration.nights.ties import TIES, Tied, Whole
from orchestration.warehouse.dbt_project import DbtProject
from tests.dbt_project.compiled import CompiledProject

LAKE = ("bound_hubspot", "bound_salesforce", "raw_files")


@pytest.fixture
def steps(project: CompiledProject) -> Steps:
    """The project's."""
    return steps_of(DbtProject(project.manifest))


def _sources(project: CompiledProject) -> Mapping[str, Mapping[str, Any]]:
    sources: Mapping[str, Mapping[str, Any]] = project.manifest["sources"]
    return sources


def test_every_relation_of_the_lake_that_a_model_reads_is_tied_or_read_whole(
    project: CompiledProject,
) -> None:
    lake = {(s["schema"], s["identifier"]) for s in _sources(project).values()}

    assert {relation for relation in lake if relation[0] in LAKE} == set(TIES)


def test_what_stands_apart_is_read_by_no_table_by_records(
    project: CompiledProject, steps: Steps
) -> None:
    nodes = project.manifest["nodes"]
    read = {
        (source["schema"], source["identifier"])
        for i, source in _sources(project).items()
        for model in steps.of_lake
        if i in nodes[model.unique_id]["depends_on"]["nodes"]
    }

    apart = {name for name, how in TIES.items() if isinstance(how, Whole) and how.is_apart}
    assert apart & read == set()
    assert {name for name, how in TIES.items() if isinstance(how, Tied)} <= read


def test_the_rows_of_every_table_that_is_advanced_are_told_apart(steps: Steps) -> None:
    assert [model.name for model in steps.kept if not model.key] == []
    assert [m.name for m in steps.kept if not set(m.key) <= set(m.columns)] == []


def test_no_statistic_which_is_of_all_pieces_leads_to_a_table_that_is_advanced(
    project: CompiledProject, steps: Steps
) -> None:
    made = {model.unique_id for model in (*steps.of_lake, *steps.context, *steps.of_records)}
    statistics = {
        i for i, source in _sources(project).items() if source["source_name"] == "statistics"
    }

    for unique_id in made:
        read = set(project.manifest["nodes"][unique_id]["depends_on"]["nodes"])
        assert read.isdisjoint(statistics), unique_id
