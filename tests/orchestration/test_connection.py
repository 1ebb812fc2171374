"""Opening the warehouse file."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.connection import WarehouseError, open_warehouse

_HOLD = """
import sys
import duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_session_is_in_utc_and_fetches_nothing(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "new" / "warehouse.duckdb") as connection:
        settings = connection.execute(
            "select current_setting('TimeZone'), current_setting('autoinstall_known_extensions')"
        ).fetchone()
    assert settings == ("UTC", False)


def test_the_engine_takes_no_more_memory_than_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_MEMORY", "512MiB")
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        limit = connection.execute("select current_setting('memory_limit')").fetchone()
    assert limit == ("512.0 MiB",)


def test_a_file_that_another_process_holds_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(WarehouseError, match=f"held by another process.*PID {holder.pid}"),
            open_warehouse(path),
        ):
            pass
    finally:
        holder.communicate("")
    with open_warehouse(path) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_damaged_file_is_an_error_that_says_what_comes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="the next run makes it anew"), open_warehouse(path):
        pass


def test_a_second_connection_with_other_settings_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    first = duckdb.connect(str(path), config={"threads": "1"})
    try:
        with pytest.raises(WarehouseError, match="open in this process"), open_warehouse(path):
            pass
    finally:
        first.close()
