"""A value is read exactly, or its row is rejected: whatever else is in its batch or its file."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.files.company import Exports

TIMED = {"id": "text", "seen_at": "timestamp"}


def _parquet(exports: Exports, columns: dict[str, Any]) -> None:
    path = exports.write("deals.parquet", b"")
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("type_", "written", "record_id"),
    [
        ("integer", ["007", " 7", "7", "7.0"], "7"),
        ("date", ["2026-01-31", " 2026-01-31 "], "2026-01-31"),
        (
            "timestamp",
            ["2026-01-31 18:00", "2026-01-31T19:00+01:00"],
            "2026-01-31 18:00:00.000000Z",
        ),
    ],
)
def test_a_key_has_one_spelling_even_beside_one_that_can_not_be_read(
    type_: str, written: list[str], record_id: str, exports: Exports
) -> None:
    exports.write("deals.csv", "id\n" + "".join(f"{key}\n" for key in [*written, "broken"]))
    exports.load(columns={"id": type_}, key="id")
    found = exports.rows("select distinct _record_id from raw where _reject_reason is null")
    assert found == [(record_id,)]
    assert exports.rows("select count(*) from raw where _reject_reason is not null") == [(1,)]


@pytest.mark.parametrize("written", ["1_000", "１２", "--1", "0x10", "1 000"])
def test_only_the_digits_0_to_9_make_a_number(written: str, exports: Exports) -> None:
    exports.write("deals.csv", f"id,amount,won_on\na,{written},\n")
    assert exports.load().reasons == {"unparseable": 1}


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-31 18:00:00 UTC", "2026-01-31T18:00:00"),
        ("2026-01-31t18:00:00z", "2026-01-31T18:00:00"),
        ("2026-01-31 18:00:00 -0330", "2026-01-31T21:30:00"),
        ("2026-01-31T18:00:00,5+00", "2026-01-31T18:00:00.5"),
        ("2026-01-31 18:00:00.123456000", "2026-01-31T23:00:00.123456"),
    ],
)
def test_the_common_ways_of_writing_a_time_are_read(
    written: str, instant: str, exports: Exports
) -> None:
    exports.write("deals.csv", f'id,seen_at\na,"{written}"\n')
    exports.load(columns=TIMED, time_zone="America/New_York")
    found = exports.rows("select seen_at::timestamp from newest")
    assert found == [(dt.datetime.fromisoformat(instant),)]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("0000-01-01 00:00:00", "out_of_range"),
        ("9999-12-31 23:59:59-05:00", "out_of_range"),
        ("2026-01-31 18:00:00.0000001", "out_of_range"),
        ("2026-01-31 18:00:00+25:00", "unparseable"),
        ("2026-01-31 18:00:60", "unparseable"),
        ("2026-02-30 18:00:00", "unparseable"),
    ],
)
def test_a_time_that_no_calendar_has_is_rejected(
    written: str, reason: str, exports: Exports
) -> None:
    exports.write("deals.csv", f"id,seen_at\na,{written}\n")
    assert exports.load(columns=TIMED).reasons == {reason: 1}


def test_a_time_finer_than_a_microsecond_is_rejected_and_the_others_of_its_batch_land(
    exports: Exports,
) -> None:
    _parquet(
        exports,
        {
            "id": ["a", "b"],
            "seen_at": pa.array([1, 1000], pa.timestamp("ns")),
            "noted_at": pa.array([2, 2000], pa.timestamp("ns", "UTC")),
        },
    )
    result = exports.load(files="deals.parquet", columns=TIMED)
    assert (result.rows, result.reasons) == (1, {"out_of_range": 1})
    found = exports.rows("select id, seen_at::timestamp from newest where id is not null")
    assert found == [("b", dt.datetime(1970, 1, 1, 0, 0, 0, 1))]
    [(record,)] = exports.rows("select _extra from raw where _reject_reason is not null")
    assert "1970-01-01 00:00:00.000000001" in record


def test_a_day_written_as_its_midnight_is_a_day_and_another_time_is_not(exports: Exports) -> None:
    times = [dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31, 5)]
    _parquet(exports, {"id": ["a", "b"], "won_on": pa.array(times, pa.timestamp("ns"))})
    result = exports.load(files="deals.parquet", columns={"id": "text", "won_on": "date"})
    assert result.reasons == {"out_of_range": 1}
    assert exports.rows("select id, won_on from newest where id is not null") == [
        ("a", dt.date(2026, 1, 31))
    ]


def test_counts_since_1970_are_read_from_typed_columns_too(exports: Exports) -> None:
    _parquet(exports, {"id": ["a"], "seen_at": [1_769_882_400_000]})
    column = {"type": "timestamp", "format": "epoch_milliseconds"}
    exports.load(files="deals.parquet", columns={"id": "text", "seen_at": column})
    found = exports.rows("select seen_at::timestamp from newest")
    assert found == [(dt.datetime(2026, 1, 31, 18),)]


def test_an_object_that_names_a_key_twice_is_rejected(exports: Exports) -> None:
    exports.write(
        "deals.ndjson", '{"id": "a", "amount": 1, "amount": 2}\n{"id": "b", "amount": 3}\n'
    )
    result = exports.load(files="deals.ndjson", columns={"id": "text", "amount": "decimal"})
    assert (result.rows, result.reasons) == (1, {"unparseable": 1})
    [(detail,)] = exports.rows("select _reject_detail from raw where _reject_reason is not null")
    assert detail == "line 1: key amount stands there twice"
