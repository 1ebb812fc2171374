"""The dashboard's files hold together, and ask the published tables for what these have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ruamel.yaml import YAML

from bi.superset.bundle import DASHBOARD
from orchestration.publish.catalogue import SOURCES_QUERY, problem_table
from tests.end_to_end.running import REPOSITORY

MODELS = REPOSITORY / "dbt_project" / "models"
FILES = {path.relative_to(DASHBOARD).as_posix(): path for path in DASHBOARD.rglob("*.yaml")}
NAMES_OF_TYPES = {"string": "text"}
BOUND_SOURCES = """
create schema bound;
create table bound.sources (
    source text, required boolean, state text, observed_from timestamp, watermark timestamp,
    last_synced_at timestamp, stale_after_minutes bigint, rows bigint, rejected bigint,
    versions text
)
"""


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    return loaded


def _all(folder: str) -> dict[str, dict[str, Any]]:
    return {name: _yaml(path) for name, path in FILES.items() if name.startswith(f"{folder}/")}


DATASETS = {dataset["uuid"]: dataset for dataset in _all("datasets").values()}
CHARTS = {chart["uuid"]: chart for chart in _all("charts").values()}
[BOARD] = _all("dashboards").values()


def _columns(model: str) -> dict[str, str]:
    [path] = MODELS.rglob(f"{model}.yml")
    [described] = _yaml(path)["models"]
    return {column["name"]: column["data_type"] for column in described["columns"]}


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that the dashboard reads, as their contracts say, with no row."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(BOUND_SOURCES)
        connection.register("problems", problem_table({}))
        connection.execute(
            f"create table marts.catalogue_source as {SOURCES_QUERY}", {"now": "2026-01-01"}
        )
        for model in (
            "alignment_scorecard",
            "attribution_channel",
            "bottleneck",
            "cycle_time_summary",
            "cycle_time_trend",
            "dim_stage",
            "fct_deal",
            "fct_pipeline_daily",
            "funnel_conversion",
            "open_deal_aging",
        ):
            columns = ", ".join(
                f'"{name}" {NAMES_OF_TYPES.get(kind, kind)}'
                for name, kind in _columns(model).items()
            )
            connection.execute(f"create table marts.{model} ({columns})")
        yield connection


def _relation(dataset: dict[str, Any]) -> str:
    return f"({dataset['sql']})" if dataset["sql"] else f"marts.{dataset['table_name']}"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset["table_name"])
def test_each_column_of_a_data_set_is_there(
    marts: duckdb.DuckDBPyConnection, dataset: dict[str, Any]
) -> None:
    has = {column for column, *_ in marts.execute(f"describe from {_relation(dataset)}").fetchall()}
    names = {column["column_name"] for column in dataset["columns"]}
    assert names <= has
    assert all(column["description"] for column in dataset["columns"])


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset["table_name"])
def test_each_metric_of_a_data_set_can_be_reckoned(
    marts: duckdb.DuckDBPyConnection, dataset: dict[str, Any]
) -> None:
    for metric in dataset["metrics"]:
        query = f"select {metric['expression']} from {_relation(dataset)} as asked"
        assert len(marts.execute(query).fetchall()) == 1


@pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda chart: chart["slice_name"])
def test_a_chart_asks_for_what_its_data_set_has(chart: dict[str, Any]) -> None:
    dataset, asks = DATASETS[chart["dataset_uuid"]], chart["params"]
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    filtered = {each["subject"] for each in asks["adhoc_filters"]}
    asked = {*asks.get("groupby", []), *asks.get("all_columns", []), *filtered}
    asked |= {asks["x_axis"]} if "x_axis" in asks else set()
    measured = {*asks.get("metrics", [])} | ({asks["metric"]} if "metric" in asks else set())
    assert asked <= columns
    assert measured <= metrics
    assert set(asks.get("column_config", {})) <= columns | metrics
    assert asked | measured


def test_the_dashboard_shows_every_chart_once() -> None:
    shown = [part["meta"] for part in _parts() if part["type"] == "CHART"]
    assert sorted(meta["uuid"] for meta in shown) == sorted(CHARTS)
    assert {meta["uuid"]: meta["sliceName"] for meta in shown} == {
        uuid: chart["slice_name"] for uuid, chart in CHARTS.items()
    }


def test_the_segment_chosen_is_that_of_every_chart_that_has_a_row_for_all() -> None:
    [chosen] = BOARD["metadata"]["native_filter_configuration"]
    left_out = set(chosen["scope"]["excluded"])
    of_all = {"cycle_now", "cycle_trend", "cycle_time_summary"}
    of_all |= {"where_it_sticks", "scorecard_now", "alignment_scorecard"}
    for part in _parts():
        if part["type"] == "CHART":
            chart = CHARTS[part["meta"]["uuid"]]
            reads = DATASETS[chart["dataset_uuid"]]["table_name"]
            assert (part["meta"]["chartId"] in left_out) == (reads not in of_all)


def test_a_row_is_filled_and_not_overfull() -> None:
    parts = {part["id"]: part for part in _parts()}
    rows = [part for part in parts.values() if part["type"] == "ROW"]
    assert {sum(parts[child]["meta"]["width"] for child in row["children"]) for row in rows} == {12}


def _parts() -> list[dict[str, Any]]:
    return [part for part in BOARD["position"].values() if isinstance(part, dict)]
