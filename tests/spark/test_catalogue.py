"""What the engine's catalogue is told of tables that lie where earlier runs left them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

pytest.importorskip("pysail.spark", reason="make test-spark installs the Spark packages")

from pyspark.sql import SparkSession

from orchestration.distributed.bind import STATEMENTS
from orchestration.distributed.catalogue import fill_catalogue
from orchestration.distributed.session import connected
from orchestration.distributed.tables import Tables
from tests.spark.engine import engine

pytestmark = pytest.mark.spark

NODE = {
    "resource_type": "model",
    "schema": "marts",
    "alias": "dim_team",
    "columns": {
        "team": {"name": "team", "data_type": "string"},
        "share": {"name": "share", "data_type": "decimal(18, 6)"},
    },
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with engine() as found:
        yield found


@pytest.fixture
def session(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SparkSession]:
    monkeypatch.setenv("SPARK_REMOTE", address)
    with connected() as found:
        yield found


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    tables = Tables(str(tmp_path))
    nothing = pa.schema([("place", pa.int64()), ("statement", pa.string())]).empty_table()
    tables.write(nothing, *STATEMENTS)
    return tables


def test_a_table_that_an_earlier_run_built_is_there_with_its_columns(
    session: SparkSession, tables: Tables
) -> None:
    share = pa.array([1], pa.decimal128(18, 6))
    tables.write(pa.table({"team": ["sales"], "share": share}), "dim_team")
    fill_catalogue(session, tables, [NODE])
    assert session.table("marts.dim_team").columns == ["team", "share"]
    assert session.sql("select team from marts.dim_team").collect() == [("sales",)]
    described = session.sql("describe extended marts.dim_team").collect()
    assert [tuple(row)[:2] for row in described[:2]] == [
        ("team", "string"),
        ("share", "decimal(18,6)"),
    ]


def test_a_model_whose_columns_changed_since_can_be_made_anew(
    session: SparkSession, tables: Tables
) -> None:
    tables.write(pa.table({"team": ["sales"], "people": pa.array([3], pa.int32())}), "dim_team")
    fill_catalogue(session, tables, [NODE])
    place = tables.address("dim_team")
    session.sql(
        f"create or replace table marts.dim_team using delta location '{place}' "
        "as select 'marketing' as team, cast(0.5 as decimal(18, 6)) as share"
    )
    assert session.sql("select team from marts.dim_team").collect() == [("marketing",)]


def test_a_model_that_was_never_built_has_no_table(session: SparkSession, tables: Tables) -> None:
    fill_catalogue(session, tables, [NODE])
    assert not session.catalog.tableExists("marts.dim_team")
