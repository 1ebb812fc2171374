"""What the lake holds of a stream: which records, and whether a row brings anything new."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.base import Batch, Cursor, RawColumn, RawSchema, Reject
from connectors.entities import FieldType
from connectors.held import Created, held_count, held_ids, held_versions
from connectors.lake import Lake
from connectors.load import load_stream

SCHEMA = RawSchema(
    (RawColumn("id", FieldType.TEXT), RawColumn("at", FieldType.TIMESTAMP)), key=("id",)
)
_DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 29)]


class Given:
    """A stream that yields the batches it is given."""

    name = "things"
    schema = SCHEMA

    def __init__(self, *batches: Batch) -> None:
        self._batches = batches

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        yield from self._batches


def _rows(extra: str | None = None, deleted: bool = False, **days: int) -> pa.Table:
    at = pa.array([_DAYS[day] for day in days.values()], pa.timestamp("us", tz="UTC"))
    ids = pa.array(list(days), pa.string())
    return pa.table(
        {
            "id": ids,
            "at": at,
            "_record_id": ids,
            "_extra": pa.array([extra] * len(days), pa.string()),
            "_deleted": pa.repeat(deleted, len(days)),
        }
    )


def _reject(id_: str, record: str) -> Reject:
    return Reject(id_, "here", "unparseable", "no", record)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(str(tmp_path))
    first = Batch(_rows(a=1, b=2, c=3), {}, [_reject("r", '{"x": 1}')])
    gone = Batch(_rows(deleted=True, c=3), {})
    load_stream(lake, "source", Given(first, gone), "run")
    return lake


def test_records_whose_newest_version_is_a_deletion_are_not_held(lake: Lake) -> None:
    assert sorted(held_ids(lake, "source", "things").to_pylist()) == ["a", "b", "r"]


def test_records_are_counted_by_when_they_were_created_and_one_of_unknown_time_counts(
    lake: Lake,
) -> None:
    assert held_count(lake, "source", "things", created=Created("at", _DAYS[2], None)) == 2
    assert held_count(lake, "source", "things", created=Created("at", None, _DAYS[2])) == 2


def test_a_large_table_is_counted_in_parts(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.held._ROWS_AT_ONCE", 1)
    assert sorted(held_ids(lake, "source", "things").to_pylist()) == ["a", "b", "r"]
    with held_versions(lake, "source", "things", SCHEMA) as held:
        new, _ = held.without_known(_rows(a=1, b=2, d=4), [])
    assert new.column("id").to_pylist() == ["d"]


@pytest.mark.parametrize(
    ("row", "is_new"),
    [
        (_rows(a=1), False),
        (_rows(a=2), True),
        (_rows(extra='{"y": 1}', a=1), True),
        (_rows(deleted=True, a=1), True),
        (_rows(deleted=True, c=3), False),
        (_rows(c=3), True),
        (_rows(d=4), True),
    ],
)
def test_a_row_is_new_where_anything_differs_from_the_newest_version(
    lake: Lake, row: pa.Table, is_new: bool
) -> None:
    with held_versions(lake, "source", "things", SCHEMA, since=("at", _DAYS[1])) as held:
        new, _ = held.without_known(row, [])
    assert bool(len(new)) == is_new


def test_a_reject_is_new_where_its_record_differs(lake: Lake) -> None:
    same, other = _reject("r", '{"x": 1}'), _reject("r", '{"x": 2}')
    with held_versions(lake, "source", "things", SCHEMA) as held:
        assert held.without_known(_rows(), [same])[1] == []
        assert held.without_known(_rows(), [other])[1] == [other]


def test_a_lake_without_the_table_holds_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert held_count(lake, "source", "things") == 0
    with held_versions(lake, "source", "things", SCHEMA) as held:
        assert len(held.without_known(_rows(a=1), [])[0]) == 1
