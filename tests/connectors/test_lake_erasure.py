"""An erasure leaves nothing of what it takes in any file, and all else as it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from connectors.errors import LoadConflict
from connectors.lake import Lake, open_table, snapshot
from connectors.lake_erasure import count_in, erase
from connectors.lake_maintenance import maintain
from connectors.load import load_stream
from connectors.sift import Sifted
from tests.connectors.object_store import object_store
from tests.connectors.streams import NUMBERED, NumberedStream
from tests.connectors.test_lake import rows

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def sift(found: pa.Table) -> Sifted:
    """Leaves out `word 7`, and changes `word 8`."""
    kept = found.filter(pc.not_equal(found.column("word"), "word 7"))
    words = pc.replace_substring(kept.column("word"), "word 8", "no word")
    changed = pc.sum(pc.equal(kept.column("word"), "word 8")).as_py() or 0
    place = kept.schema.get_field_index("word")
    return Sifted(
        kept.set_column(place, kept.schema.field(place), words), len(found) - len(kept), changed
    )


def _told_by(folder: Path) -> str:
    """All that the files of a table tell, Parquet read."""
    told = []
    for file in folder.rglob("*"):
        if file.suffix == ".parquet":
            told.append(str(pq.read_table(file).to_pylist()))
        elif file.is_file():
            told.append(file.read_text(errors="replace"))
    return "\n".join(told)


def test_what_is_left_out_is_gone_from_every_file_and_the_rest_stands(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 4), "run-1")
    maintain(lake, "source", "numbers")
    done = erase(lake, "source", "numbers", sift)
    assert (done.removed, done.changed) == (1, 1)
    expected = [(n, f"word {n}") for n in range(20) if n not in {7, 8}]
    found = rows(lake, "select number, word from raw where number <> 8 order by all")
    assert found == expected
    told = _told_by(Path(lake.address("source", "numbers")))
    assert "word 9" in told
    assert "word 7" not in told
    assert "word 8" not in told


def test_the_cursor_and_the_times_are_kept(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 4), "run-1")
    before = open_table(lake, "source", "numbers", NUMBERED).state
    erase(lake, "source", "numbers", sift)
    after = open_table(lake, "source", "numbers", NUMBERED).state
    kept = [(state.cursor, state.synced_at, state.loaded_at) for state in (before, after)]
    assert kept[0] == kept[1]
    assert load_stream(lake, "source", NumberedStream(22, 4), "run-2").rows == 2


def test_counting_writes_nothing(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 4), "run-1")
    before = sorted(Path(lake.root).rglob("*"))
    done = count_in(lake, "source", "numbers", sift)
    assert (done.removed, done.changed) == (1, 1)
    assert sorted(Path(lake.root).rglob("*")) == before


def test_a_file_that_a_killed_write_left_goes_too(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(5, 5), "run-1")
    folder = Path(lake.address("source", "numbers"))
    left = folder / "part-00000-1b4fd5b7-0000-4a3c-8a11-000000000000-c000.snappy.parquet"
    pq.write_table(pa.table({"word": ["word 7"]}), left)
    os.utime(left, (0, 0))
    erase(lake, "source", "numbers", sift)
    assert not left.exists()


def test_a_table_of_which_all_goes_keeps_its_cursor(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(5, 5), "run-1")
    erase(lake, "source", "numbers", lambda found: Sifted(found.slice(0, 0), len(found), 0))
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 5}
    found = snapshot(lake, "source", "numbers")
    assert found is not None
    assert (found.rows, found.files) == (0, ())


@pytest.mark.parametrize("until", [5, 20])
def test_a_load_that_began_before_is_refused(lake: Lake, until: int) -> None:
    load_stream(lake, "source", NumberedStream(until, 5), "run-1")
    under_way = open_table(lake, "source", "numbers", NUMBERED)
    erase(lake, "source", "numbers", sift)
    with pytest.raises(LoadConflict):
        under_way.commit_anew()


def test_the_log_keeps_no_extremes_after_maintenance_and_erasure(lake: Lake) -> None:
    load_stream(lake, "source", NumberedStream(20, 4), "run-1")
    maintain(lake, "source", "numbers")
    erase(lake, "source", "numbers", sift)
    load_stream(lake, "source", NumberedStream(30, 4), "run-2")
    log = Path(lake.address("source", "numbers")) / "_delta_log"
    told = [str(pq.read_table(file).to_pylist()) for file in log.glob("*.parquet")]
    told += [file.read_text() for file in log.glob("*.json")]
    assert len(told) > 8
    assert not any("word " in text for text in told)


def test_a_table_that_is_not_there_has_nothing_to_erase(lake: Lake) -> None:
    assert erase(lake, "source", "numbers", sift).removed == 0


ERASE = """
import sys
from connectors.lake import Lake
from connectors.lake_erasure import erase
from tests.connectors.test_lake_erasure import sift
print("starting", flush=True)
erase(Lake(sys.argv[1]), "source", "numbers", sift)
"""


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_killed_at_any_moment_and_run_again_it_comes_to_its_end(lake: Lake, delay: float) -> None:
    load_stream(lake, "source", NumberedStream(2000, 500), "run-1")
    process = subprocess.Popen(
        [sys.executable, "-c", ERASE, lake.root], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    erase(lake, "source", "numbers", sift)
    found = rows(lake, "select number from raw order by all")
    assert found == [(n,) for n in range(2000) if n != 7]
    assert "'word 7'" not in _told_by(Path(lake.address("source", "numbers")))


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
    with object_store("lake") as found:
        yield found


def test_so_it_is_on_an_object_store(options: dict[str, str]) -> None:
    lake = Lake("s3://lake/erasure", options)
    load_stream(lake, "source", NumberedStream(20, 4), "run-1")
    done = erase(lake, "source", "numbers", sift)
    assert (done.removed, done.changed) == (1, 1)
    assert done.files >= 5
    assert open_table(lake, "source", "numbers", NUMBERED).state.cursor == {"next": 20}
    assert count_in(lake, "source", "numbers", sift).removed == 0
