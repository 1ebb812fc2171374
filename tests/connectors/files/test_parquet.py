"""Whatever types a Parquet file has, each value lands as it is or its row is in quarantine."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.files.company import Exports

INSTANT = dt.datetime(2026, 1, 31, 18, tzinfo=dt.UTC)
DAYS = dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31, 18)


def _load(exports: Exports, values: pa.Array, type_: Any, **options: Any) -> dict[str, Any]:
    """Load one column of values under the ids a, b, …; what landed, and why the others did not."""
    path = exports.write("deals.parquet", b"")
    ids = [chr(ord("a") + row) for row in range(len(values))]
    pq.write_table(pa.table({"id": ids, "value": values}), path)
    columns = {"id": "text", "value": type_}
    exports.load(files="deals.parquet", columns=columns, **options)
    found = exports.rows("select _record_id, value, _reject_reason from raw order by _seq")
    return {key: reason or value for key, value, reason in found}


@pytest.mark.parametrize(
    ("values", "type_", "landed"),
    [
        (pa.array(["", "x"], pa.string_view()), "text", [None, "x"]),
        (pa.array(["", "x"], pa.large_string()), "text", [None, "x"]),
        (pa.array([b"", b"x", b"\xff"]), "text", [None, "x", "bad_encoding"]),
        (pa.array([b"2026-01-31"]), "date", [dt.date(2026, 1, 31)]),
        (pa.array(["2026-01-31 18:00"], pa.string_view()), "timestamp", [INSTANT]),
        (pa.array([1, 0]), "boolean", [True, False]),
        (pa.array([2**63, 1], pa.uint64()), "integer", ["out_of_range", 1]),
        (pa.array([2**64 - 1], pa.uint64()), "text", [str(2**64 - 1)]),
        (
            pa.array([Decimal("1.5"), Decimal("1.1234567")], pa.decimal256(60, 8)),
            "decimal",
            [Decimal("1.5"), "out_of_range"],
        ),
        (pa.array([0.1, float("nan")]), "decimal", [Decimal("0.1"), "out_of_range"]),
        (pa.array(DAYS, pa.timestamp("ns")), "date", [DAYS[0].date(), "out_of_range"]),
        (pa.array([2**30, 0], pa.date32()), "date", ["unparseable", dt.date(1970, 1, 1)]),
        (
            pa.array([1_769_882_400]),
            {"type": "timestamp", "format": "epoch_seconds"},
            [INSTANT],
        ),
    ],
)
def test_a_value_lands_by_what_it_is(
    values: pa.Array, type_: Any, landed: list[Any], exports: Exports
) -> None:
    assert list(_load(exports, values, type_).values()) == landed


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_time_finer_than_a_microsecond_takes_its_own_row_out(
    zone: str | None, exports: Exports
) -> None:
    found = _load(exports, pa.array([1000, 1001], pa.timestamp("ns", zone)), "timestamp")
    assert found["a"] == dt.datetime(1970, 1, 1, 0, 0, 0, 1, dt.UTC)
    assert found["b"] == "out_of_range"


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_time_outside_the_years_of_calendars_takes_its_own_row_out(
    unit: str, zone: str | None, exports: Exports
) -> None:
    values = pa.array([2**62 if unit == "us" else 2**58, 0], pa.timestamp(unit, zone))
    found = _load(exports, values, "timestamp")
    assert found == {"a": "out_of_range", "b": dt.datetime(1970, 1, 1, tzinfo=dt.UTC)}


def test_a_key_has_one_spelling_whatever_its_type_in_the_file(exports: Exports) -> None:
    for unit in ("ms", "us", "ns"):
        path = exports.write(f"deals_{unit}.parquet", b"")
        pq.write_table(pa.table({"id": pa.array([0], pa.timestamp(unit, "UTC"))}), path)
    exports.load(files="deals_*.parquet", columns={"id": "timestamp"})
    assert len(exports.rows("select distinct _record_id from newest")) == 1


def test_undeclared_columns_of_any_type_are_kept_as_json(exports: Exports) -> None:
    table = pa.table(
        {
            "id": ["a"],
            "share": [float("nan")],
            "seen": pa.array([1001], pa.timestamp("ns")),
            "far": pa.array([2**62], pa.timestamp("us")),
            "parts": [{"x": [1, None]}],
        }
    )
    pq.write_table(table, exports.write("deals.parquet", b""))
    exports.load(files="deals.parquet", columns={"id": "text"})
    [(extra, is_json)] = exports.rows("select _extra, json_valid(_extra) from newest")
    assert is_json
    found = json.loads(extra)
    assert found.keys() == {"share", "seen", "far", "parts"}
    assert found["parts"] == {"x": [1, None]}
    assert found["seen"].endswith("00.000001001")


def test_a_file_without_rows_is_read_once(exports: Exports) -> None:
    columns = {"id": "text"}
    empty = pa.table({"id": pa.array([], pa.string())})
    pq.write_table(empty, exports.write("deals_1.parquet", b""))
    pq.write_table(pa.table({"id": ["a"]}), exports.write("deals_2.parquet", b""))
    assert exports.load(files="deals_*.parquet", columns=columns).rows == 1
    assert exports.load(files="deals_*.parquet", columns=columns).rows == 0
