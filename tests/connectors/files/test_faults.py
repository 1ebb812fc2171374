"""What is wrong with a file is an error that says where, or a row in quarantine with its reason."""

import gzip
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import PermanentError
from tests.connectors.files.company import Exports

HEADER = "id,amount,won_on\n"
GOOD = "a,1,2026-01-01\n"


def _quarantine(exports: Exports) -> list[tuple[Any, ...]]:
    return exports.rows(
        "select _origin, _reject_reason, _reject_detail from raw "
        "where _reject_reason is not null order by _seq"
    )


@pytest.mark.parametrize(
    ("row", "reason", "told"),
    [
        ("b,2", "ragged_row", "line 3 has 2 values, and the header has 3"),
        ("b,2,2026-01-01,x", "ragged_row", "line 3 has 4 values"),
        ("b,two,2026-01-01", "unparseable", "amount: 'two'"),
        ("b,1.1234567,2026-01-01", "out_of_range", "more than 6 decimal places"),
        ("b,2,2026-02-30", "out_of_range", "won_on: '2026-02-30'"),
        ("b,2,30.01.2026", "unparseable", "won_on: '30.01.2026'"),
        (",2,2026-01-01", "missing_key", "id is empty"),
        ('"b"x,2,2026-01-01', "unparseable", "line 3"),
    ],
)
def test_a_row_that_can_not_be_read_is_in_quarantine_and_the_others_land(
    row: str, reason: str, told: str, exports: Exports
) -> None:
    exports.write("deals.csv", HEADER + GOOD + row + "\nc,3,2026-01-03\n")
    result = exports.load()
    assert (result.rows, result.rejected) == (2, 1)
    assert result.reasons == {reason: 1}
    [(origin, found, detail)] = _quarantine(exports)
    assert (origin, found) == ("deals.csv:3", reason)
    assert told in detail


def test_a_row_in_another_encoding_is_in_quarantine_with_its_column(exports: Exports) -> None:
    exports.write("deals.csv", HEADER.encode() + "ü,1,2026-01-01\n".encode("latin-1") + b"b,2,\n")
    exports.load()
    [(origin, reason, detail)] = _quarantine(exports)
    assert (origin, reason) == ("deals.csv:2", "bad_encoding")
    assert "id" in detail
    assert exports.rows("select id from newest where _reject_reason is null") == [("b",)]


def test_a_row_after_a_value_of_several_lines_keeps_its_own_line(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + '"a\nb\nc",1,2026-01-01\nd,x,2026-01-01\n')
    exports.load()
    assert [origin for origin, _, _ in _quarantine(exports)] == ["deals.csv:5"]
    assert exports.rows("select _origin from newest") == [("deals.csv:2",)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"id,won_on\na,2026-01-01\n", "column amount is missing"),
        (b"id;amount;won_on\na;1;2026-01-01\n", "column id is missing"),
        (b"id,amount,won_on,ID\na,1,2026-01-01,b\n", "2 times"),
        (HEADER.encode() + b'a,1,2026-01-01\n"b,2,2026-01-01\nc,3,2026-01-01\n', "does not end"),
        (HEADER.encode("utf-16"), "the file is UTF-16 by its first bytes"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_an_error_that_names_it(
    content: bytes, told: str, exports: Exports
) -> None:
    path = exports.write("deals.csv", content)
    with pytest.raises(PermanentError, match=told) as raised:
        exports.load()
    assert raised.value.where.startswith(str(path))
    assert raised.value.fix


def test_a_value_without_an_end_is_named_by_the_line_where_it_begins(exports: Exports) -> None:
    path = exports.write("deals.csv", HEADER + GOOD + '"b,2,2026-01-01\nc,3,2026-01-01\n')
    with pytest.raises(PermanentError) as raised:
        exports.load()
    assert raised.value.where == f"{path}:3"


@pytest.mark.parametrize(
    "row", ['"b,2,2026-01-01\n"c","3","2026-01-01"', '"5" pipe",2,2026-01-01', '"b"x,"y\nz",']
)
def test_where_the_quotes_leave_a_rows_end_unclear_no_row_is_guessed(
    row: str, exports: Exports
) -> None:
    path = exports.write("deals.csv", HEADER + GOOD + row + '\n"d",4,2026-01-04\n')
    with pytest.raises(PermanentError, match="can't be told where it ends") as raised:
        exports.load()
    assert raised.value.where == f"{path}:3"


@pytest.mark.parametrize(
    ("content", "options", "line"),
    [
        ("\n\n" + HEADER + "a,x,\n", {}, 4),
        ("\r\n\r\na,x,\r\n", {"header": False}, 3),
        ("report\n\n" + HEADER + "\n\na,x,\n", {"skip_lines": 1}, 6),
        ("\ufeff" + HEADER + "a,x,\n", {}, 2),
        ("\ufeffa,x,\n", {"header": False}, 1),
    ],
)
def test_lines_are_counted_as_an_editor_shows_them(
    content: str, options: dict[str, Any], line: int, exports: Exports
) -> None:
    exports.write("deals.csv", content)
    exports.load(csv=options)
    assert exports.rows("select _record_id, _origin from raw") == [("a", f"deals.csv:{line}")]


def test_a_row_that_the_file_is_cut_off_in_is_in_quarantine(exports: Exports) -> None:
    exports.write("deals.csv", HEADER + GOOD + "b,2")
    exports.load()
    [(_, reason, detail)] = _quarantine(exports)
    assert reason == "ragged_row"
    assert "cut off" in detail


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_compressed_file_that_is_cut_off_is_an_error(cut: int, exports: Exports) -> None:
    lines = "".join(f"{n},{n},2026-01-01\n" for n in range(5000))
    exports.write("deals.csv.gz", gzip.compress((HEADER + lines).encode())[:-cut])
    with pytest.raises(PermanentError, match="can't be read to its end"):
        exports.load(files="deals.csv.gz")


def test_a_parquet_file_that_is_cut_off_is_an_error(exports: Exports) -> None:
    path = exports.write("deals.parquet", b"")
    pq.write_table(pa.table({"id": ["a"], "amount": [1], "won_on": ["2026-01-01"]}), path)
    exports.write("deals.parquet", path.read_bytes()[:-20])
    with pytest.raises(PermanentError, match="no whole Parquet file"):
        exports.load(files="deals.parquet")


def test_an_object_that_is_cut_off_is_in_quarantine(exports: Exports) -> None:
    line = '{"id": "a", "amount": 1, "won_on": "2026-01-01"}\n'
    exports.write("deals.ndjson", line + '{"id": "b", "am\n[1]\n')
    exports.load(files="deals.ndjson")
    assert [(origin, reason) for origin, reason, _ in _quarantine(exports)] == [
        ("deals.ndjson:2", "unparseable"),
        ("deals.ndjson:3", "unparseable"),
    ]


def test_objects_that_all_lack_a_column_are_an_error(exports: Exports) -> None:
    exports.write("deals.ndjson", '{"id": "a", "won_on": "2026-01-01"}\n')
    with pytest.raises(PermanentError, match="no object has amount"):
        exports.load(files="deals.ndjson")


@pytest.mark.parametrize("files", ["deals.csv", "deals_*.csv", "sub/deals.csv"])
def test_where_no_file_is_found_the_error_says_what_is_there(files: str, exports: Exports) -> None:
    exports.write("deels.csv", HEADER)
    with pytest.raises(PermanentError, match=r"deels\.csv"):
        exports.load(files=files)


def test_where_the_folder_is_missing_the_error_names_it(exports: Exports) -> None:
    with pytest.raises(PermanentError, match="no such folder") as raised:
        exports.load(files="*.csv")
    assert raised.value.where == str(exports.root / "exports")


def test_an_undeclared_column_is_kept_as_json(exports: Exports) -> None:
    exports.write("deals.csv", "id,amount,won_on,Næme,\na,1,2026-01-01,Ö,y\n")
    exports.load()
    assert exports.rows("select _extra from newest") == [('{"Næme": "Ö", "column_5": "y"}',)]


def test_a_rejected_row_is_kept_whole(exports: Exports) -> None:
    exports.write("deals.csv", "id,amount,won_on,note\na,much,2026-01-01,hello\n")
    exports.load()
    [(record,)] = exports.rows("select _extra from raw")
    assert all(word in record for word in ("much", "hello", "2026-01-01"))


def test_a_rejected_row_is_kept_whole_where_an_undeclared_column_bears_a_declared_name(
    exports: Exports,
) -> None:
    exports.write("deals.csv", "Deal ID,id,amount\na,other,much\n")
    exports.load(columns={"id": {"header": "Deal ID"}, "amount": "decimal"})
    [(record,)] = exports.rows("select _extra from raw")
    assert json.loads(record) == {"id": "a", "amount": "much", "_extra": {"id": "other"}}


def test_of_two_rows_of_a_record_the_later_one_counts_where_the_first_was_rejected(
    exports: Exports,
) -> None:
    exports.write("deals.csv", HEADER + "a,much,2026-01-01\na,1,2026-01-01\nb,1\nc,1,2026-01-01\n")
    exports.load()
    found = exports.rows("select _origin, _reject_reason from raw order by _seq")
    assert found == [
        ("deals.csv:2", "unparseable"),
        ("deals.csv:3", None),
        ("deals.csv:4", "ragged_row"),
        ("deals.csv:5", None),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"ID": "a", "id": "b"}', "column id stands there twice, as ID and id"),
        ('{"id": "a", "more": ' + "[" * 900 + "]" * 900 + "}", "nested too deeply"),
        ('{"id": "a", "more": "\\ud800"}', "half a surrogate pair"),
        ('{"id": "a"} {"id": "b"}', "no JSON"),
    ],
)
def test_a_line_that_can_not_be_kept_whole_is_in_quarantine(
    line: str, told: str, exports: Exports
) -> None:
    exports.write("deals.ndjson", '{"id": "x"}\r\n\r\n' + line + '\n{"id": "y"}')
    result = exports.load(files="deals.ndjson", columns={"id": "text"})
    assert (result.rows, result.rejected) == (2, 1)
    [(origin, _, detail)] = _quarantine(exports)
    assert origin == "deals.ndjson:3"
    assert told in detail


def test_json_in_a_wide_encoding_is_an_error(exports: Exports) -> None:
    exports.write("deals.ndjson", '{"id": "a"}\n'.encode("utf-16"))
    with pytest.raises(PermanentError, match="UTF-16"):
        exports.load(files="deals.ndjson", columns={"id": "text"})
