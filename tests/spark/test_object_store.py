"""Lake and tables in an object store, an engine that reaches them, and no warehouse file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.connectors.object_store import object_store
from tests.end_to_end.running import REPOSITORY
from tests.end_to_end.small_company import small_company
from tests.spark.comparison import differing, open_both, rows_in
from tests.spark.engine import engine

pytest.importorskip("pysail.spark", reason="make test-spark installs the Spark packages")

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def _run(command: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", command],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_from_a_lake_to_marts_that_both_lie_in_an_object_store_without_a_warehouse(
    tmp_path: Path,
) -> None:
    small_company(tmp_path)
    with object_store("tandem") as options, engine(options) as address:
        environment = {
            **options,
            "TANDEM_COMPANY": str(tmp_path),
            "TANDEM_DATA": str(tmp_path / "data"),
            "TANDEM_SOURCE_DATA": str(tmp_path / "exports"),
            "TANDEM_LAKE": "s3://tandem/lake",
            "TANDEM_TABLES": "s3://tandem/tables",
            "SPARK_REMOTE": address,
        }
        _run("run", environment)
        own = tmp_path / "data" / "acme"
        warehouse = (own / "warehouse.duckdb").rename(tmp_path / "of_duckdb.duckdb")
        _run("spark", environment)
        assert not (own / "warehouse.duckdb").exists()
        assert not (own / "tables").exists()

        manifest = json.loads((own / "dbt_spark" / "parsed" / "manifest.json").read_text())
        marts = [n["alias"] for n in manifest["nodes"].values() if n["schema"] == "marts"]
        with open_both(warehouse) as both:
            unlike = {
                mart: differing(both, "marts", mart, f"s3://tandem/tables/acme/{mart}", options)
                for mart in marts
            }
            assert rows_in(both, "marts", "fct_funnel") > 0
        assert {mart: rows for mart, rows in unlike.items() if rows} == {}
