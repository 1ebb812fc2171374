"""A raw table's newest commit tells what its loads brought, whatever befell them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Batch, Cursor
from connectors.lake import Lake, count_since
from connectors.lake_maintenance import maintain
from connectors.load import LoadResult, load_stream
from connectors.sync_state import Counts, SyncState, decode, encode
from tests.connectors.streams import NumberedStream

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def _load(lake: Lake, until: int, at: datetime, size: int = 2) -> LoadResult:
    stream = NumberedStream(until, size)
    return load_stream(lake, "source", stream, f"run-{at:%d}", clock=lambda: at)


def _came(state: SyncState) -> dict[str, int]:
    return {day: counts.came for day, counts in state.days}


def test_the_first_load_is_of_no_day_and_the_later_ones_of_theirs(lake: Lake) -> None:
    assert _came(_load(lake, 5, MONDAY).after) == {}
    assert _came(_load(lake, 8, TUESDAY).after) == {"2026-03-03": 3}


def test_loads_of_one_day_count_together_and_one_that_brings_nothing_counts_too(
    lake: Lake,
) -> None:
    for until, at in ((5, MONDAY), (5, TUESDAY), (9, TUESDAY + timedelta(hours=9))):
        told = _load(lake, until, at).after
    assert _came(told) == {"2026-03-03": 4}
    assert _came(_load(lake, 9, TUESDAY + timedelta(days=1)).after)["2026-03-04"] == 0


class _CutOff(Exception):
    """The process ended here."""


@dataclass(frozen=True)
class _Cut(NumberedStream):
    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        yield next(super().read(cursor))
        raise _CutOff


def test_what_landed_before_a_load_was_cut_off_counts_once_it_has_come_to_its_end(
    lake: Lake,
) -> None:
    _load(lake, 5, MONDAY)
    with pytest.raises(_CutOff):
        load_stream(lake, "source", _Cut(11, 2), "cut", clock=lambda: TUESDAY)
    result = _load(lake, 11, TUESDAY)
    assert (result.rows, result.before.unfinished.rows) == (4, 2)
    assert _came(result.after) == {"2026-03-03": 6}
    assert result.after.unfinished == Counts()
    assert count_since(lake, "source", "numbers", result.before.synced_at) == 6


def test_maintenance_keeps_what_the_loads_brought(lake: Lake) -> None:
    _load(lake, 5, MONDAY)
    before = _load(lake, 8, TUESDAY).after.days
    maintain(lake, "source", "numbers", keep_for=timedelta(0))
    assert _load(lake, 8, TUESDAY).after.days == before


def test_ten_weeks_of_days_are_kept(lake: Lake) -> None:
    _load(lake, 1, MONDAY)
    state = _load(lake, 1, TUESDAY).after
    for day in range(1, 100):
        state = state.ended(None, TUESDAY + timedelta(days=day), None)
    assert len(state.days) == 70
    assert state.days[-1][0] == "2026-06-10"


@dataclass(frozen=True)
class _Told(NumberedStream):
    columns: tuple[dict[str, str] | None, ...] = ()

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        for batch, told in zip(super().read(cursor), self.columns, strict=False):
            yield replace(batch, columns=told)


def test_the_columns_that_any_batch_told_of_are_kept_until_others_are_told(lake: Lake) -> None:
    def columns(until: int, *told: dict[str, str] | None) -> tuple[object, object]:
        result = load_stream(lake, "source", _Told(until, 2, columns=told), "run")
        return result.before.columns, result.after.columns

    both = {"number": "number", "word": "string"}
    assert columns(4, {"number": "number"}, {"word": "string"}) == (None, both)
    assert columns(6, None) == (both, both)
    assert columns(8, {"word": "number"}) == (both, {"word": "number"})


def test_a_commit_of_before_there_were_days_has_none() -> None:
    old = '{"cursor": {"next": 3}, "transaction": 2, "synced_at": null, "loaded_at": null}'
    state = decode(old)
    assert (state.days, state.columns, state.unfinished) == ((), None, Counts())
    assert decode(encode(state)) == state
