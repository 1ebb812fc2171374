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


def test_what_no_table_by_records_reads_is_all_that_stands_apart(
    project: CompiledProject, steps: Steps
) -> None:
    of_lake = {model.unique_id for model in steps.of_lake}
    read = {
        (source["schema"], source["identifier"])
        for i, source in _sources(project).items()
        if any(i in project.manifest["nodes"][m]["depends_on"]["nodes"] for m in of_lake)
    }

    apart = {name for name, how in TIES.items() if isinstance(how, Whole) and how.is_apart}
    assert apart.isdisjoint(read)
    assert {name for name, how in TIES.items() if isinstance(how, Tied)} - read <= {
        # Rejects that name no record stand in a table that every night makes in full.
        ("raw_files", "rejects")
    }


def test_the_rows_of_every_table_that_is_advanced_are_told_apart(steps: Steps) -> None:
    assert [model.name for model in steps.kept if not model.key] == []
    assert [m.name for m in steps.kept if not set(m.key) <= set(m.columns)] == []


def test_a_table_that_is_advanced_reads_nothing_of_another_company_of_pieces(
    project: CompiledProject, steps: Steps
) -> None:
    """Counts and shares are of all pieces: only what is by pieces itself may lead to them."""
    made = {model.unique_id for model in (*steps.of_lake, *steps.context, *steps.of_records)}
    statistics = {
        i for i, source in _sources(project).items() if source["source_name"] == "statistics"
    }

    for unique_id in made:
        read = set(project.manifest["nodes"][unique_id]["depends_on"]["nodes"])
        assert read.isdisjoint(statistics), unique_id
