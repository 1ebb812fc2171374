"""What reads the public tables is written down where dbt's lineage shows it."""

import re
from pathlib import Path

from tests.dbt_project.compiled import CompiledProject

REPOSITORY = Path(__file__).resolve().parents[2]


def _told(project: CompiledProject, exposure: str) -> set[str]:
    node = project.manifest["exposures"][f"exposure.tandem.{exposure}"]
    return {name.rpartition(".")[2] for name in node["depends_on"]["nodes"]}


def _models(project: CompiledProject) -> set[str]:
    nodes = project.manifest["nodes"].values()
    return {node["name"] for node in nodes if node["resource_type"] == "model"}


def test_the_report_is_told_to_read_what_it_reads(project: CompiledProject) -> None:
    texts = [file.read_text() for file in (REPOSITORY / "orchestration" / "report").glob("*.py")]
    named = {
        name
        for text in texts
        for found in re.findall(r'"([a-z_]+)"|\b(?:from|join) ([a-z_]+)', text)
        for name in found
    }
    assert _told(project, "report") == named & _models(project)


def test_the_dashboard_is_told_to_read_what_it_reads(project: CompiledProject) -> None:
    files = list((REPOSITORY / "bi" / "superset" / "dashboard" / "datasets").rglob("*.yaml"))
    named = {file.stem for file in files if "\nsql: null\n" in file.read_text()}
    for file in files:
        named |= set(re.findall(r"\b(?:from|join) marts\.([a-z_]+)", file.read_text()))
    assert _told(project, "superset_dashboard") == named & _models(project)


def test_a_measure_by_name_says_which_query_of_the_tables_it_equals(
    project: CompiledProject,
) -> None:
    metrics = project.manifest["metrics"].values()
    assert metrics
    lacking = [metric["name"] for metric in metrics if not metric["config"]["meta"].get("same_as")]
    assert lacking == []
