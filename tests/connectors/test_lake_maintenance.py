"""Maintenance keeps the cursor, the rows, and the versions that readers have pinned."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import LoadConflict
from connectors.lake import Lake, open_table, snapshot
from connectors.lake_maintenance import maintain
from connectors.load import load_stream
from tests.connectors.streams import NUMBERED, NumberedStream
from tests.connectors.test_lake import rows


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def _log(lake: Lake) -> Path:
    return Path(lake.address("source", "numbers")) / "_delta_log"


def _age(lake: Lake, days: int) -> None:
    """Make the table look as if its last commit were that many days ago."""
    for file in _log(lake).iterdir():
        if file.suffix == ".json":
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            for line in lines:
                if "commitInfo" in line:
                    line["commitInfo"]["timestamp"] -= days * 86_400_000
            file.write_text("\n".join(json.dumps(line) for line in lines))
        then = file.stat().st_mtime - days * 86_400
        os.utime(file, (then, then))


def test_small_files_become_few_and_no_row_changes(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(40, 4), "run-1")
    result = maintain(lake, "source", "numbers")
    assert result is not None
    assert result.files_before == 10
    assert result.files_after == 1
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(40)]


def test_after_a_pause_of_forty_days_maintenance_keeps_the_cursor(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    maintain(lake, "source", "numbers")
    before = {file.name for file in _log(lake).glob("*.json")}
    _age(lake, 40)
    maintain(lake, "source", "numbers")
    after = {file.name for file in _log(lake).glob("*.json")}
    assert not before & after, "every old commit was cleaned away, or this shows nothing"
    result = load_stream(lake, "source", NumberedStream(25, 5), "run-2")
    assert result.rows == 5
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(25)]


def test_after_a_pause_of_forty_days_without_maintenance_a_long_load_keeps_the_cursor(
    lake: Lake,
) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    _age(lake, 40)
    load_stream(lake, "source", NumberedStream(150, 1), "run-2")
    result = load_stream(lake, "source", NumberedStream(151, 1), "run-3")
    assert result.rows == 1
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(151)]


def test_maintenance_after_maintenance_keeps_the_cursor(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    for _ in range(3):
        _age(lake, 40)
        maintain(lake, "source", "numbers")
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 20}


def test_a_pinned_version_stays_readable_until_its_time_is_over(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    pinned = snapshot(lake, "source", "numbers")
    maintain(lake, "source", "numbers")
    assert pinned is not None
    assert all(Path(file).exists() for file in pinned.files)
    maintain(lake, "source", "numbers", keep_for=timedelta(0))
    assert not any(Path(file).exists() for file in pinned.files)


def test_a_load_that_was_under_way_is_refused_rather_than_lost(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 5), "run-1")
    under_way = open_table(lake, "source", "numbers", NUMBERED)
    maintain(lake, "source", "numbers")
    with pytest.raises(LoadConflict):
        under_way.commit_anew()


def test_a_table_that_is_not_there_needs_no_maintenance(lake: Lake) -> None:
    assert maintain(lake, "source", "numbers") is None
