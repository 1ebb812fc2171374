"""Killed at any moment, run again: nothing is lost and nothing is doubled."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.lake import Lake
from connectors.load import load_stream
from tests.connectors.streams import NumberedStream
from tests.connectors.test_lake import rows

REPOSITORY = Path(__file__).resolve().parents[2]


def _start(root: Path, until: int, size: int, gate: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.connectors.loading"),
            *(str(root), str(until), str(size)),
            *([str(gate)] if gate else []),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def _wait_for_lines(process: subprocess.Popen[str], count: int) -> None:
    assert process.stdout is not None
    for _ in range(count):
        process.stdout.readline()


@pytest.mark.parametrize("batches", [0, 1, 2, 3, 5, 8, 13])
def test_a_load_that_was_killed_goes_on_where_it_was(batches: int, tmp_path: Path) -> None:
    process = _start(tmp_path / "lake", 2000, 100)
    _wait_for_lines(process, batches)
    process.send_signal(signal.SIGKILL)
    process.wait()
    lake = Lake(str(tmp_path / "lake"))
    load_stream(lake, "source", NumberedStream(2000, 100), "run-2")
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(2000)]


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    delays=st.lists(st.floats(0.0, 0.25), min_size=1, max_size=3),
    until=st.sampled_from([200, 3000]),
)
def test_kills_at_random_moments_of_load_and_maintenance_lose_and_double_nothing(
    delays: list[float], until: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("killed") / "lake"
    for delay in delays:
        process = _start(root, until, 50)
        _wait_for_lines(process, 1)
        try:
            process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    lake = Lake(str(root))
    load_stream(lake, "source", NumberedStream(until, 50), "last")
    assert rows(lake, "select number from raw order by all") == [(n,) for n in range(until)]


def test_of_two_processes_that_load_at_once_one_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    load_stream(Lake(str(root)), "source", NumberedStream(10, 10), "run-0")
    gates = [tmp_path / "first", tmp_path / "second"]
    for gate in gates:
        os.mkfifo(gate)
    processes = [_start(root, 30, 10, gate) for gate in gates]
    for process in processes:
        _wait_for_lines(process, 1)
    outputs = []
    for gate, process in zip(gates, processes, strict=True):
        gate.write_text("go")
        outputs.append(process.communicate()[0])
    assert [process.returncode for process in processes] == [0, 3]
    assert "another run has written" in outputs[1]
    found = rows(Lake(str(root)), "select number from raw order by all")
    assert found == [(n,) for n in range(30)]
