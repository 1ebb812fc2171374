"""The event log: Dagster's rows in Dagster's files, whoever is killed and however many runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import StepMaterializationData
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.company import load_company
from orchestration.event_log import EventLog
from orchestration.instance import instance_environment
from tests.end_to_end.small_company import small_company

_WRITER = """
import os
import signal
import sys

from orchestration.event_log import EventLog
from tests.orchestration.test_event_log import event

log = EventLog(sys.argv[1])
for number in range(20):
    log.store_event(event(sys.argv[2], number))
if sys.argv[3] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def event(run_id: str, number: int) -> dg.EventLogEntry:
    """A materialization, which Dagster stores with its run and once more over all runs."""
    made = dg.AssetMaterialization(asset_key=f"table_{number}")
    return dg.EventLogEntry(
        error_info=None,
        level=10,
        user_message="",
        run_id=run_id,
        timestamp=float(number),
        dagster_event=dg.DagsterEvent(
            event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
            job_name="nightly",
            event_specific_data=StepMaterializationData(made),
        ),
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    made = EventLog(str(tmp_path))
    yield made
    made.dispose()


def _read(folder: Path, run_id: str) -> list[str]:
    """The assets of a run's events, as Dagster's own class reads them."""
    records = SqliteEventLogStorage(str(folder)).get_logs_for_run(run_id)
    keys = [record.get_dagster_event().asset_key for record in records]
    return [key.path[0] for key in keys if key]


def _writer(folder: Path, run_id: str, end: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _WRITER, str(folder), run_id, end])


def test_dagster_itself_reads_what_was_stored(log: EventLog, tmp_path: Path) -> None:
    for number in range(3):
        log.store_event(event("run", number))
    assert _read(tmp_path, "run") == ["table_0", "table_1", "table_2"]
    everything = SqliteEventLogStorage(str(tmp_path)).all_asset_keys()
    assert {key.path[0] for key in everything} == {"table_0", "table_1", "table_2"}


def test_a_process_that_is_killed_has_lost_no_event(tmp_path: Path) -> None:
    assert _writer(tmp_path, "run", "killed").wait(timeout=120) == -signal.SIGKILL
    assert _read(tmp_path, "run") == [f"table_{number}" for number in range(20)]


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    EventLog(str(tmp_path)).dispose()
    writers = [_writer(tmp_path, run_id, "ended") for run_id in ("one", "other")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert len(_read(tmp_path, "one")) == len(_read(tmp_path, "other")) == 20


def test_the_files_of_old_runs_do_not_stay_open(log: EventLog, tmp_path: Path) -> None:
    for number in range(10):
        log.store_event(event(f"run_{number}", number))
    assert 0 < len(_open_databases(tmp_path)) <= 4


def _open_databases(folder: Path) -> set[Path]:
    """The databases below a folder that this process holds open."""
    held = {Path(os.path.realpath(link)) for link in Path("/proc/self/fd").iterdir()}
    return held & set(folder.rglob("*.db"))


def test_after_a_wipe_new_events_are_stored(log: EventLog, tmp_path: Path) -> None:
    log.store_event(event("run", 1))
    log.wipe()
    assert _read(tmp_path, "run") == []
    log.store_event(event("run", 2))
    assert _read(tmp_path, "run") == ["table_2"]


def test_the_instance_of_a_company_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, data = str(small_company(tmp_path).folder), str(tmp_path / "data")
    company = load_company({"TANDEM_COMPANY": folder, "TANDEM_DATA": data})
    for name, value in instance_environment(company).items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        assert Path(instance.event_log_storage._base_dir) == company.dagster / "history" / "runs"
