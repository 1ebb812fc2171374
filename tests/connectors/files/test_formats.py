"""Each format, and each way of writing a value, gives the values that were meant."""

import datetime as dt
import gzip
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.files.company import Exports

HEADER = "id,amount,won_on\n"
TIMED = {"id": "text", "seen_at": "timestamp"}


def _one(exports: Exports, query: str) -> Any:
    [(value,)] = exports.rows(query)
    return value


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson"])
def test_text_is_read_plain_and_compressed(kind: str, suffix: str, exports: Exports) -> None:
    text = {
        "csv": 'id,amount,won_on\n"a, b",1.50,2026-01-31\n',
        "tsv": "id\tamount\twon_on\na, b\t1.50\t2026-01-31\n",
        "ndjson": '{"id": "a, b", "amount": 1.50, "won_on": "2026-01-31"}\n',
    }[kind].encode()
    packed = {
        "": text,
        ".gz": gzip.compress(text),
        ".zst": pa.compress(text, codec="zstd", asbytes=True),
    }[suffix]
    exports.write(f"deals.{kind}{suffix}", packed)
    exports.load(files=f"deals.{kind}{suffix}")
    found = exports.rows("select id, amount, won_on from newest")
    assert found == [("a, b", Decimal("1.50"), dt.date(2026, 1, 31))]


def test_parquet_keeps_its_types(exports: Exports) -> None:
    table = pa.table(
        {
            "id": pa.array(["a"]).dictionary_encode(),
            "amount": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
            "won_on": pa.array([dt.date(2026, 1, 31)]),
            "more": [{"x": 1}],
        }
    )
    path = exports.write("deals.parquet", b"")
    pq.write_table(table, path)
    exports.load(files="deals.parquet")
    found = exports.rows("select id, amount, won_on, _extra, _origin from newest")
    assert found == [
        ("a", Decimal("1.50"), dt.date(2026, 1, 31), '{"more": {"x": 1}}', "deals.parquet:1")
    ]


def test_a_folder_gives_all_its_files_of_the_format(exports: Exports) -> None:
    for name in ("in/a.csv", "in/deep/b.csv", "in/.hidden.csv", "in/_tmp/c.csv", "in/notes.md"):
        exports.write(name, HEADER + f"{name},1,2026-01-01\n")
    exports.load(files="in", format="csv")
    assert exports.rows("select id from newest order by id") == [("in/a.csv",), ("in/deep/b.csv",)]


@pytest.mark.parametrize("files", ["_in", ".in/", "./_in"])
def test_a_folder_that_is_named_is_read_though_it_looks_hidden(
    files: str, exports: Exports
) -> None:
    exports.write(f"{files}/a.csv", HEADER + "a,1,2026-01-01\n")
    assert exports.load(files=files, format="csv").rows == 1


def test_a_file_whose_name_looks_like_a_glob_is_that_file(exports: Exports) -> None:
    exports.write("deals[1].csv", HEADER + "a,1,2026-01-01\n")
    exports.write("deals1.csv", HEADER + "b,1,2026-01-01\n")
    exports.load(files="deals[1].csv")
    assert exports.rows("select id from newest") == [("a",)]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv", "x/b.csv", "x/y/c.csv"]),
        ("x/*.csv", ["x/b.csv"]),
        ("?.csv", ["a.csv"]),
        ("x/[!a].csv", ["x/b.csv"]),
    ],
)
def test_a_glob_names_files(pattern: str, names: list[str], exports: Exports) -> None:
    for name in ("a.csv", "x/b.csv", "x/y/c.csv"):
        exports.write(name, HEADER + f"{name},1,2026-01-01\n")
    exports.load(files=pattern)
    assert [name for (name,) in exports.rows("select id from newest order by id")] == names


def test_numbers_are_read_with_a_decimal_comma_and_thousands(exports: Exports) -> None:
    exports.write("deals.csv", "id;amount;won_on\na;1.234.567,50;2026-01-01\n")
    exports.load(csv={"delimiter": ";", "decimal_comma": True, "thousands": "."})
    assert _one(exports, "select amount from newest") == Decimal("1234567.50")


@pytest.mark.parametrize("written", ["1.5", "1,2,3", "12.34,5", "1,234.5"])
def test_a_number_that_is_not_written_as_declared_is_rejected(
    written: str, exports: Exports
) -> None:
    exports.write("deals.csv", f"id;amount;won_on\na;{written};2026-01-01\n")
    result = exports.load(csv={"delimiter": ";", "decimal_comma": True, "thousands": "."})
    assert result.rejected == 1


def test_dates_are_read_in_their_declared_formats(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + "a,1,31.01.2026\nb,1,2026/02/01\nc,1,2026-03-01\n")
    columns = {
        "id": "text",
        "amount": "decimal",
        "won_on": {"type": "date", "format": ["%d.%m.%Y", "%Y/%m/%d"]},
    }
    result = exports.load(columns=columns)
    assert result.reasons == {"unparseable": 1}
    found = exports.rows("select id, won_on from newest order by id")
    assert found == [("a", dt.date(2026, 1, 31)), ("b", dt.date(2026, 2, 1))]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-31 18:00:00", "2026-01-31T17:00:00"),
        ("2026-07-31T18:00", "2026-07-31T16:00:00"),
        ("2026-01-31T18:00:00.250Z", "2026-01-31T18:00:00.25"),
        ("2026-01-31 18:00:00+05:30", "2026-01-31T12:30:00"),
        ("2026-01-31", "2026-01-30T23:00:00"),
    ],
)
def test_a_naive_time_is_of_the_streams_zone_and_an_offset_is_kept(
    written: str, instant: str, exports: Exports
) -> None:
    exports.write("deals.csv", f"id,seen_at\na,{written}\n")
    exports.load(columns=TIMED, time_zone="Europe/Berlin")
    found = _one(exports, "select seen_at::timestamp from newest")
    assert found == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize(("choice", "hour"), [("earlier", 0), ("later", 1)])
def test_a_time_that_came_twice_is_the_one_that_was_chosen(
    choice: str, hour: int, exports: Exports
) -> None:
    exports.write("deals.csv", "id,seen_at\na,2026-10-25 02:30:00\n")
    exports.load(columns=TIMED, time_zone="Europe/Berlin", ambiguous_times=choice)
    expected = dt.datetime(2026, 10, 25, hour, 30)
    assert _one(exports, "select seen_at::timestamp from newest") == expected


@pytest.mark.parametrize(
    ("written", "told"),
    [("2026-10-25 02:30:00", "came twice"), ("2026-03-29 02:30:00", "the clocks went past it")],
)
def test_a_time_that_came_twice_or_never_is_rejected(
    written: str, told: str, exports: Exports
) -> None:
    exports.write("deals.csv", f"id,seen_at\na,{written}\n")
    exports.load(columns=TIMED, time_zone="Europe/Berlin")
    assert told in _one(exports, "select _reject_detail from raw")


@pytest.mark.parametrize("written", ["2026-01-31 18:00:00.1234567", "yesterday", "18:00", "1"])
def test_what_is_no_time_is_rejected(written: str, exports: Exports) -> None:
    exports.write("deals.csv", f"id,seen_at\na,{written}\n")
    assert exports.load(columns=TIMED).rejected == 1


def test_times_are_read_as_seconds_or_milliseconds_since_1970(exports: Exports) -> None:
    exports.write("deals.ndjson", '{"id": "a", "seen_at": 1767225600}\n')
    columns = {"id": "text", "seen_at": {"type": "timestamp", "format": "epoch_seconds"}}
    exports.load(files="deals.ndjson", columns=columns)
    assert _one(exports, "select seen_at::timestamp from newest") == dt.datetime(2026, 1, 1)


def test_null_words_and_words_of_truth_are_those_declared(exports: Exports) -> None:
    exports.write("deals.csv", "id,ok,note\na,Ja,n/a\nb,nein,\nc,,-\n")
    columns = {
        "id": "text",
        "ok": {"type": "boolean", "true_words": ["ja"], "false_words": ["nein"]},
        "note": {"null_words": ["n/a", "-"]},
    }
    exports.load(columns=columns)
    found = exports.rows("select id, ok, note from newest order by id")
    assert found == [("a", True, None), ("b", False, ""), ("c", None, None)]


def test_a_header_is_matched_by_its_plain_form_or_by_name(exports: Exports) -> None:
    exports.write("deals.csv", "\ufeffDeal ID,Amount (EUR)\na,1\n")
    columns = {"deal_id": "text", "amount": {"type": "decimal", "header": "Amount (EUR)"}}
    exports.load(columns=columns, key="deal_id")
    assert exports.rows("select deal_id, amount from newest") == [("a", 1)]


def test_files_without_header_have_the_declared_columns_in_order(exports: Exports) -> None:
    exports.write("deals.csv", "comment\na,1,2026-01-01\n")
    exports.load(csv={"header": False, "skip_lines": 1})
    assert exports.rows("select id, amount, _origin from newest") == [("a", 1, "deals.csv:2")]


def test_numbers_in_json_keep_every_digit(exports: Exports) -> None:
    exports.write(
        "deals.ndjson",
        '{"id": 9007199254740993, "amount": 0.1, "won_on": null, "more": {"n": 1.10}}\n',
    )
    exports.load(files="deals.ndjson")
    found = exports.rows("select id, amount, _extra from newest")
    assert found == [("9007199254740993", Decimal("0.1"), '{"more": {"n": 1.10}}')]


def test_the_parts_of_a_key_can_not_run_into_each_other(exports: Exports) -> None:
    exports.write("deals.csv", "id,part\na|b,c\na,b|c\n")
    exports.load(columns={"id": "text", "part": "text"}, key=["id", "part"])
    assert len(exports.rows("select distinct _record_id from newest")) == 2


def test_one_integer_written_twice_is_one_record(exports: Exports) -> None:
    exports.write("deals.csv", "id,note\n007,x\n7,y\n")
    exports.load(columns={"id": "integer", "note": "text"})
    assert exports.rows("select id, note from newest") == [(7, "y")]


def test_json_that_is_nested_lands_as_its_text(exports: Exports) -> None:
    exports.write("deals.ndjson", json.dumps({"id": "a", "tags": ["x", {"y": 1}]}) + "\n")
    exports.load(files="deals.ndjson", columns={"id": "text", "tags": "text"})
    assert json.loads(_one(exports, "select tags from newest")) == ["x", {"y": 1}]


def test_what_is_undeclared_in_an_object_is_valid_json_with_its_own_digits(
    exports: Exports,
) -> None:
    line = '{"id": "a", "share": NaN, "n": [1.10, 12345678901234567890123, true, null, -Infinity]}'
    exports.write("deals.ndjson", line + "\n")
    exports.load(files="deals.ndjson", columns={"id": "text"})
    assert exports.rows("select _extra, json_valid(_extra) from newest") == [
        (
            '{"share": "NaN", "n": [1.10, 12345678901234567890123, true, null, "-Infinity"]}',
            True,
        )
    ]


def test_a_column_with_its_own_header_is_found_by_that_alone(exports: Exports) -> None:
    exports.write("deals.ndjson", '{"id": "a", "Deal Name": "x", "deal_name": "y"}\n')
    columns = {"id": "text", "name": {"header": "deal_name"}}
    exports.load(files="deals.ndjson", columns=columns)
    assert exports.rows("select name, _extra from newest") == [("y", '{"Deal Name": "x"}')]
