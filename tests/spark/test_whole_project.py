"""Whole companies on a distributed engine, by the commands that people use, with every data test.

A company is loaded and built on DuckDB. Then everything is bound, built and tested once more, from
the same lake, on Sail over Spark Connect, and every table is compared with DuckDB's, row by row.
`make test-spark-all` runs this in an environment of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from tests.end_to_end.default_company import make
from tests.end_to_end.real_data import REPOSITORY, real_data
from tests.spark.comparison import open_both, rows_in

pytest.importorskip("pysail.spark", reason="make test-spark installs the Spark packages")

from tests.spark.built import Built
from tests.spark.engine import engine

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SIMULATED_PROSPECTS = 100
REAL = {
    "olist": (REPOSITORY / "examples" / "olist", "olist"),
    "maven_crm": (REPOSITORY / "examples" / "maven_crm", "maven_crm"),
}


@dataclass(frozen=True)
class ByCommands(Built):
    """What two commands built, and what was said when it was built on Spark."""

    said: str


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with engine() as found:
        yield found


@pytest.fixture(
    scope="module",
    params=["sandbox", *(pytest.param(name, marks=pytest.mark.real_data) for name in REAL)],
)
def built(
    request: pytest.FixtureRequest, address: str, tmp_path_factory: pytest.TempPathFactory
) -> ByCommands:
    state = tmp_path_factory.mktemp(request.param)
    environment = {**os.environ, "TANDEM_DATA": str(state), "SPARK_REMOTE": address}
    if request.param in REAL:
        folder, data = REAL[request.param]
        environment["TANDEM_SOURCE_DATA"] = str(real_data(data))
    else:
        folder = make(state / "company", SIMULATED_PROSPECTS)
    environment["TANDEM_COMPANY"] = str(folder)
    for command in ("run", "spark"):
        done = subprocess.run(
            [sys.executable, "-m", "orchestration", command],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    data = state / request.param
    manifest = json.loads((data / "dbt_spark" / "parsed" / "manifest.json").read_text())
    return ByCommands(data, manifest, done.stdout)


@pytest.fixture
def both(built: ByCommands) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_both(built.warehouse) as connection:
        yield connection


def test_every_model_and_every_data_test_of_the_project_comes_through(built: ByCommands) -> None:
    nodes = built.manifest["nodes"].values()
    kinds = [node["resource_type"] for node in nodes]
    assert f"{kinds.count('model')} models" in built.said
    assert f"{kinds.count('test')} data tests passed" in built.said
    assert kinds.count("test") > kinds.count("model") > 100


def test_every_model_has_the_same_rows_on_both_engines(
    built: ByCommands, both: duckdb.DuckDBPyConnection
) -> None:
    assert built.unlike_models(both) == {}


def test_every_statistic_has_the_same_rows_on_both_engines(
    built: ByCommands, both: duckdb.DuckDBPyConnection
) -> None:
    assert built.unlike_statistics(both) == {}


def test_there_are_rows_to_compare(both: duckdb.DuckDBPyConnection) -> None:
    for mart in ("fct_funnel", "fct_deal", "cycle_time_curve", "attribution_channel"):
        assert rows_in(both, "marts", mart) > 0
