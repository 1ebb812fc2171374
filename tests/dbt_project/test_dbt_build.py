"""dbt itself builds the whole project: contracts hold and unit tests pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.dbt_project.compiled import REPOSITORY, CompiledProject
from tests.dbt_project.warehouse import create_empty_warehouse


def test_dbt_builds_every_model_and_every_unit_test_passes(
    project: CompiledProject, parsed: Path, tmp_path: Path
) -> None:
    create_empty_warehouse(project, tmp_path / "warehouse.duckdb")
    # On empty tables data tests can find nothing: the runs on real and simulated data run them.
    asked = ["build", "--empty", "--exclude-resource-type", "test"]
    environment = {
        **os.environ,
        "TANDEM_WAREHOUSE": str(tmp_path / "warehouse.duckdb"),
        "DBT_PROJECT_DIR": str(REPOSITORY / "dbt_project"),
        "DBT_PROFILES_DIR": str(REPOSITORY / "dbt_project"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    result = subprocess.run(
        [sys.executable, "-m", "orchestration.dbt_process", parsed, *asked],
        cwd=REPOSITORY,
        env=environment,
        input="[]",
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout
    ends = {told["unique_id"]: told["status"] for told in _results(result.stdout)}
    models = [i for i, n in project.manifest["nodes"].items() if n["resource_type"] == "model"]
    assert {ends[model] for model in models} == {"success"}
    assert {ends[test] for test in project.manifest["unit_tests"]} == {"pass"}


def _results(output: str) -> list[dict[str, str]]:
    lines = (json.loads(line) for line in output.splitlines() if line.startswith("{"))
    [results] = [line["results"] for line in lines if "results" in line]
    return list(results)
