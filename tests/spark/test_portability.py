"""The same models, unchanged, on a distributed engine: row by row what DuckDB made.

A run of the simulated company leaves a warehouse. Every relation that the slice stands on is
handed over as a Delta table, dbt builds the slice over Spark Connect on Sail, and both results are
compared.
`make test-spark` runs this in an environment of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

pysail = pytest.importorskip("pysail.spark", reason="make test-spark installs the Spark packages")
deltalake = pytest.importorskip("deltalake")

pytestmark = pytest.mark.spark

REPOSITORY = Path(__file__).resolve().parents[2]
DBT_PROJECT = REPOSITORY / "dbt_project"
SLICE = (
    "stg_salesforce__opportunity_history",
    "int_hubspot__persons",
    "int_identity_key",
    "input_stage_changes",
    "fct_handoff",
    "int_cycle_curve",
    "cycle_time_curve",
)


@dataclass(frozen=True)
class Built:
    """What the run on DuckDB left: its warehouse, and dbt's description of the project."""

    warehouse: Path
    manifest: dict[str, Any]

    def nodes(self) -> list[dict[str, Any]]:
        """Every source and model."""
        models = [n for n in self.manifest["nodes"].values() if n["resource_type"] == "model"]
        return models + list(self.manifest["sources"].values())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    data = tmp_path_factory.mktemp("data")
    environment = {**os.environ, "TANDEM_DATA": str(data)}
    python = REPOSITORY / ".venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "orchestration", "run"], cwd=REPOSITORY, env=environment, check=True
    )
    parsed = REPOSITORY / "dbt_project" / "target" / "parsed" / "manifest.json"
    manifest = json.loads(parsed.read_text())
    return Built(data / "sandbox" / "warehouse.duckdb", manifest)


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    """A Sail server on loopback; yields its Spark Connect address."""
    server = pysail.SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _, port = server.listening_address
    yield f"sc://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="module")
def spark_lake(built: Built, engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Delta tables in which dbt has built the slice on the engine."""
    folder = tmp_path_factory.mktemp("spark")
    present = []
    with duckdb.connect(built.warehouse, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for node in built.nodes():
            if node["name"] not in SLICE:
                present.append(_hand_over(connection, node, folder))
    environment = {
        **os.environ,
        "SPARK_REMOTE": engine,
        "TANDEM_DBT_TARGET": "spark",
        "TANDEM_SPARK_LAKE": str(folder),
        "TANDEM_SPARK_TABLES": ",".join(present),
        "TANDEM_WAREHOUSE": str(built.warehouse),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    result = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("run", "--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT),
            *("--select", *SLICE),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def _hand_over(connection: duckdb.DuckDBPyConnection, node: dict[str, Any], folder: Path) -> str:
    """Write one relation as a Delta table, instants as instants; returns its place."""
    is_source = node["resource_type"] == "source"
    table = node["identifier"] if is_source else node["alias"]
    place = f"{node['schema']}/{table}" if is_source else table
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = ? and table_name = ? order by ordinal_position",
        [node["schema"], table],
    ).fetchall()
    names = ", ".join(
        f'timezone(\'UTC\', "{name}") as "{name}"' if type_ == "TIMESTAMP" else f'"{name}"'
        for name, type_ in columns
    )
    rows = connection.sql(f'select {names} from "{node["schema"]}"."{table}"').to_arrow_table()
    deltalake.write_deltalake(str(folder / place), rows)
    return place


@pytest.mark.parametrize("model", SLICE)
def test_a_model_gives_the_same_rows_on_both_engines(
    model: str, built: Built, spark_lake: Path
) -> None:
    node = next(n for n in built.nodes() if n["name"] == model)
    with duckdb.connect(built.warehouse, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        on_spark = deltalake.DeltaTable(str(spark_lake / model)).to_pyarrow_dataset()  # noqa: F841
        types = dict(
            connection.execute(
                "select column_name, data_type from information_schema.columns "
                "where table_schema = ? and table_name = ?",
                [node["schema"], node["alias"]],
            ).fetchall()
        )
        columns = ", ".join(_comparable(name, type_) for name, type_ in types.items())
        ours = f'select {columns} from "{node["schema"]}"."{node["alias"]}"'
        theirs = f"select {columns} from on_spark"
        assert connection.execute(f"select count(*) > 0 from ({ours})").fetchall() == [(True,)]
        for one, other in ((ours, theirs), (theirs, ours)):
            assert connection.execute(f"{one} except all {other} limit 5").fetchall() == []


def _comparable(name: str, type_: str) -> str:
    """The column in a form in which equal values of both engines are equal."""
    if type_ == "DOUBLE":
        return f'round(cast("{name}" as double), 9) as "{name}"'
    return f'cast("{name}" as {type_}) as "{name}"'
