"""dbt itself builds the whole project: contracts hold and unit tests pass."""

import os
import subprocess
import sys
from pathlib import Path

from tests.dbt_project.compiled import REPOSITORY, CompiledProject
from tests.dbt_project.warehouse import create_empty_warehouse


def test_dbt_builds_every_model_and_every_unit_test_passes(
    project: CompiledProject, tmp_path: Path
) -> None:
    create_empty_warehouse(project, tmp_path / "warehouse.duckdb")
    folder = REPOSITORY / "dbt_project"
    # On empty tables data tests can find nothing: the runs on real and simulated data run them.
    dbt = Path(sys.executable).with_name("dbt")
    command = [dbt, "build", "--empty", "--exclude-resource-type", "test"]
    environment = {
        **os.environ,
        "TANDEM_WAREHOUSE": str(tmp_path / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    result = subprocess.run(
        [*command, "--project-dir", folder, "--profiles-dir", folder],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout
    done = [line for line in result.stdout.splitlines() if " PASS " in line and "::" in line]
    assert len(done) == len(project.manifest["unit_tests"]) > 0
