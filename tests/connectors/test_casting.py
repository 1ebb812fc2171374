"""A value lands exactly as it was, or its record lands in quarantine."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import RawColumn, RawSchema
from connectors.casting import cast_records
from connectors.entities import FieldType

INTEGER = RawColumn("value", FieldType.INTEGER)
DECIMAL = RawColumn("value", FieldType.DECIMAL, precision=10, scale=2)
BOOLEAN = RawColumn("value", FieldType.BOOLEAN)
DATE = RawColumn("value", FieldType.DATE)
TIMESTAMP = RawColumn("value", FieldType.TIMESTAMP)
TEXT = RawColumn("value", FieldType.TEXT)


def _cast(values: list[Any], column: RawColumn, type_: pa.DataType | None = None) -> Any:
    records = pa.table(
        {
            "value": pa.array(values, type_),
            "_record_id": [str(row) for row in range(len(values))],
            "_origin": [f"here:{row}" for row in range(len(values))],
        }
    )
    return cast_records(records, RawSchema((column,), ()))


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("12", INTEGER, 12),
        ("+12", INTEGER, 12),
        (" 12 ", INTEGER, 12),
        ("12.0", INTEGER, 12),
        (12.0, INTEGER, 12),
        ("-9223372036854775808", INTEGER, -(2**63)),
        ("1.50", DECIMAL, Decimal("1.50")),
        ("1.5000", DECIMAL, Decimal("1.50")),
        ("1e3", DECIMAL, Decimal(1000)),
        (0.1, DECIMAL, Decimal("0.10")),
        ("True", BOOLEAN, True),
        ("2026-02-28", DATE, date(2026, 2, 28)),
        ("2026-01-02T03:04:05Z", TIMESTAMP, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.25+0200", TIMESTAMP, datetime(2026, 1, 2, 1, 4, 5, 250_000, UTC)),
        ("NA", TEXT, "NA"),
        ("", TEXT, ""),
        ("a\0b", TEXT, "a\0b"),
    ],
)
def test_a_value_that_fits_is_kept_exactly(value: Any, column: RawColumn, expected: Any) -> None:
    accepted, rejects = _cast([value], column)
    assert rejects == []
    assert accepted.column("value").to_pylist() == [expected]


@pytest.mark.parametrize(
    ("value", "column", "reason"),
    [
        ("1.5", INTEGER, "out_of_range"),
        (1.5, INTEGER, "out_of_range"),
        (float("nan"), INTEGER, "out_of_range"),
        ("9223372036854775808", INTEGER, "out_of_range"),
        ("1e400", INTEGER, "out_of_range"),
        ("twelve", INTEGER, "unparseable"),
        (True, INTEGER, "unparseable"),
        ("", INTEGER, "unparseable"),
        ("1.005", DECIMAL, "out_of_range"),
        ("123456789.00", DECIMAL, "out_of_range"),
        ("Infinity", DECIMAL, "out_of_range"),
        ("1,50", DECIMAL, "unparseable"),
        ("maybe", BOOLEAN, "unparseable"),
        ("2026-02-30", DATE, "out_of_range"),
        ("0000-01-01", DATE, "unparseable"),
        ("30.02.2026", DATE, "unparseable"),
        ("2026-01-02T03:04:05", TIMESTAMP, "unparseable"),
        ("2026-01-02T03:04:05.1234567Z", TIMESTAMP, "out_of_range"),
        ("yesterday", TIMESTAMP, "unparseable"),
        (b"\xff", TEXT, "unparseable"),
    ],
)
def test_a_value_that_does_not_fit_makes_its_record_a_reject(
    value: Any, column: RawColumn, reason: str
) -> None:
    accepted, [reject] = _cast([value], column)
    assert len(accepted) == 0
    assert (reject.reason, reject.record_id, reject.origin) == (reason, "0", "here:0")
    assert "value" in reject.detail
    assert "value" in json.loads(reject.record)


def test_a_misfit_takes_only_its_own_record_out() -> None:
    accepted, rejects = _cast(["1", "x", "3"], INTEGER)
    assert accepted.column("value").to_pylist() == [1, 3]
    assert [reject.record_id for reject in rejects] == ["1"]


def test_a_record_without_its_key_is_a_reject() -> None:
    records = pa.table(
        {"id": ["a", None], "_record_id": ["a", None], "_origin": ["here:1", "here:2"]}
    )
    schema = RawSchema((RawColumn("id", FieldType.TEXT),), ("id",))
    accepted, [reject] = cast_records(records, schema)
    assert accepted.column("id").to_pylist() == ["a"]
    assert (reject.reason, reject.origin) == ("missing_key", "here:2")


def test_a_declared_column_that_did_not_come_is_null_in_its_type() -> None:
    records = pa.table({"_record_id": ["a"], "_origin": ["here"]})
    accepted, rejects = cast_records(records, RawSchema((DECIMAL,), ()))
    assert rejects == []
    assert accepted.schema.field("value").type == pa.decimal128(10, 2)
    assert accepted.column("value").to_pylist() == [None]


numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12).map(
        str
    ),
    st.floats(allow_nan=True).map(repr),
    st.text(max_size=5),
)


@given(st.lists(st.one_of(st.none(), numbers), min_size=1, max_size=30))
def test_whatever_comes_lands_equal_or_is_rejected(values: list[str | None]) -> None:
    accepted, rejects = _cast(values, DECIMAL, pa.string())
    rejected = {int(reject.record_id) for reject in rejects}
    kept = [value for row, value in enumerate(values) if row not in rejected]
    landed = accepted.column("value").to_pylist()
    assert len(landed) + len(rejected) == len(values)
    for before, after in zip(kept, landed, strict=True):
        assert (before is None and after is None) or Decimal(before) == after


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_column_cast_at_once_gives_what_its_values_give_one_by_one(values: list[str]) -> None:
    together, rejects_together = _cast(values, INTEGER, pa.string())
    alone = [_cast([value], INTEGER, pa.string()) for value in values]
    assert together.column("value").to_pylist() == [
        value for accepted, _ in alone for value in accepted.column("value").to_pylist()
    ]
    assert [r.reason for r in rejects_together] == [r.reason for _, rs in alone for r in rs]


@st.composite
def _instants(draw: st.DrawFn) -> str:
    """Times as an API writes them, some of which can't be: a 30th of February, a 25th hour."""
    part = st.integers
    day = f"{draw(part(1, 9999)):04}-{draw(part(1, 12)):02}-{draw(part(1, 31)):02}"
    hour, minute, second = draw(part(0, 25)), draw(part(0, 61)), draw(part(0, 61))
    digits = draw(st.text("0123456789", max_size=7))
    fraction = f".{digits}" if digits else ""
    zone = draw(st.sampled_from(["Z", "+0000", "+00:00"]))
    return f"{day}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"


@given(st.lists(_instants(), min_size=1, max_size=5))
def test_a_time_of_an_api_lands_as_python_reads_it_or_is_rejected(values: list[str]) -> None:
    accepted, rejects = _cast(values, TIMESTAMP, pa.string())
    expected = []
    for value in values:
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            continue
        _, _, rest = value.partition(".")
        if not rest[6:7].isdigit() or rest[6] == "0":
            expected.append(read)
    assert accepted.column("value").to_pylist() == expected
    assert len(accepted) + len(rejects) == len(values)
