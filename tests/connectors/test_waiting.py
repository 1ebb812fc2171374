"""A batch that brings nothing lands by itself, unless its cursor may wait for what comes after."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.base import Batch, Cursor, RawSchema
from connectors.errors import TransientError
from connectors.lake import Lake, open_table, snapshot
from connectors.load import load_stream
from tests.connectors.streams import NUMBERED, numbered


@dataclass(frozen=True)
class _Counted:
    """So many records in each batch, whose cursors count them; then it fails where it is to."""

    sizes: tuple[int, ...]
    may_wait: bool
    fails: bool = False
    name: str = "numbers"
    schema: RawSchema = NUMBERED

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        for place, size in enumerate(self.sizes):
            yield Batch(numbered(range(size)), {"batches": place + 1}, may_wait=self.may_wait)
        if self.fails:
            raise TransientError("the source is away", where="numbers", fix="Wait")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def _cursor(lake: Lake) -> Cursor | None:
    return open_table(lake, "source", "numbers", NUMBERED).state.cursor


def test_batches_that_bring_nothing_and_may_wait_are_one_commit_with_the_end(lake: Lake) -> None:
    made = open_table(lake, "source", "numbers", NUMBERED)
    ended = load_stream(lake, "source", _Counted((0, 0, 0), may_wait=True), "a run")
    assert made.state.cursor is None
    assert (ended.version, _cursor(lake)) == (1, {"batches": 3})


def test_batches_that_may_not_wait_are_a_commit_each_though_they_bring_nothing(lake: Lake) -> None:
    stream = _Counted((0, 0), may_wait=False, fails=True)
    with pytest.raises(TransientError):
        load_stream(lake, "source", stream, "a run")
    assert _cursor(lake) == {"batches": 2}


def test_records_land_at_once_in_a_batch_that_may_wait_too(lake: Lake) -> None:
    stream = _Counted((0, 3), may_wait=True, fails=True)
    with pytest.raises(TransientError):
        load_stream(lake, "source", stream, "a run")
    found = snapshot(lake, "source", "numbers")
    assert found is not None
    assert (found.rows, _cursor(lake)) == (3, {"batches": 2})


def test_a_load_that_is_cut_off_goes_on_from_before_what_waited(lake: Lake) -> None:
    stream = _Counted((2, 0, 0), may_wait=True, fails=True)
    with pytest.raises(TransientError):
        load_stream(lake, "source", stream, "a run")
    assert _cursor(lake) == {"batches": 1}
    load_stream(lake, "source", replace(stream, fails=False), "a run")
    assert _cursor(lake) == {"batches": 3}
