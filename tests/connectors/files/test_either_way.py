"""The fast way of reading delimited text gives what the exact one gives, whatever the text."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.errors import PermanentError
from connectors.file_source import Csv, Stream
from connectors.files import delimited
from connectors.files.rows import Rows

WIDTH = 3
VALUES = st.text(st.sampled_from("ab,\"\n\r ;ä\0'\u2028"), max_size=6)


def _stream(delimiter: str, quote: str | None, header: bool) -> Stream:
    columns = dict.fromkeys("abc"[:WIDTH], "text")
    return Stream.model_validate(
        {
            "name": "deals",
            "files": "deals.csv",
            "key": "a",
            "columns": columns,
            "csv": Csv(delimiter=delimiter, quote=quote, header=header),
        }
    )


def _read(content: bytes, stream: Stream) -> Any:
    """Accepted rows, rejects by line (a batch tells of broken lines first), and how it ended."""
    accepted: list[Any] = []
    rejects: list[Any] = []
    pieces: Iterator[Rows] = iter(())
    try:
        pieces = delimited.read_delimited(io.BytesIO(content), "deals.csv", "in/deals.csv", stream)
        for rows in pieces:
            columns = [rows.columns[name].to_pylist() for name in stream.columns]
            extras = rows.extras.to_pylist() if rows.extras is not None else []
            accepted += zip(
                rows.origins.to_pylist(), *columns, *([extras] * bool(extras)), strict=True
            )
            rejects += rows.rejects
            assert rows.count == len(rows.origins) + len(rows.rejects)
    except PermanentError as error:
        # What came before it may have been handed on or not: its batches hang on the way.
        return str(error)
    return accepted, sorted(rejects, key=lambda reject: int(reject.origin.split(":")[1]))


def _both_ways(content: bytes, stream: Stream, chunk: int) -> tuple[Any, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "CHUNK", chunk)
        fast = _read(content, stream)
        patch.setattr(delimited, "has_plain_dialect", lambda _: False)
        return fast, _read(content, stream)


@st.composite
def _written(draw: st.DrawFn) -> tuple[str, str, str | None]:
    """A table as a writer writes it, with a delimiter and a quote; at times damaged."""
    delimiter, quote = draw(st.sampled_from([(",", '"'), (";", '"'), ("\t", "'"), (",", None)]))
    text = io.StringIO(newline="")
    rows = draw(st.lists(st.lists(VALUES, min_size=WIDTH + 1, max_size=WIDTH + 1), max_size=6))
    options: dict[str, Any] = (
        {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}
        if quote is None
        else {
            "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
            "quotechar": quote,
        }
    )
    end = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=delimiter, lineterminator=end, **options).writerows(
        [["a", "b", "c", "d"], *rows]
    )
    written = text.getvalue()
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(written)))
        damage = draw(st.sampled_from(["", '"', "\n", "\r", delimiter, "\n\n", "x"]))
        written = written[:place] + damage + written[place + draw(st.integers(0, 1)) :]
    return written, delimiter, quote


@settings(max_examples=400, deadline=None)
@given(written=_written(), chunk=st.integers(1, 60), header=st.booleans())
def test_a_written_table_is_read_the_same_either_way(
    written: tuple[str, str, str | None], chunk: int, header: bool
) -> None:
    text, delimiter, quote = written
    fast, exact = _both_ways(text.encode(), _stream(delimiter, quote, header), chunk)
    assert fast == exact


@settings(max_examples=400, deadline=None)
@given(text=st.text(st.sampled_from('ab,"\n\r '), max_size=40), chunk=st.integers(1, 50))
@example(text='"a""b","",""""\n', chunk=1)
@example(text='"x\ny",b,\n\n"",c,d\n', chunk=3)
@example(text="a,b,c\r\n\r\nd,e,f\r", chunk=50)
@example(text='a"b,c,d\n"e,f\n', chunk=50)
def test_any_text_is_read_the_same_either_way(text: str, chunk: int) -> None:
    fast, exact = _both_ways(text.encode(), _stream(",", '"', header=False), chunk)
    assert fast == exact


@settings(max_examples=200, deadline=None)
@given(
    content=st.lists(st.sampled_from([b"a", b",", b"\n", b'"', "ä".encode(), b"\xff", b"\x00"])),
    chunk=st.integers(1, 50),
)
@example(content=[b",,\xff\n", b"a"], chunk=1)
def test_any_bytes_are_read_the_same_either_way(content: list[bytes], chunk: int) -> None:
    fast, exact = _both_ways(b"".join(content), _stream(",", '"', header=False), chunk)
    assert fast == exact


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each chunk of 1,000 characters, whether the fast way was good for it."""
    found: list[bool] = []
    read = delimited.read_plainly

    def watched(*arguments: Any) -> Rows | None:
        rows = read(*arguments)
        found.append(rows is not None)
        return rows

    monkeypatch.setattr(delimited, "read_plainly", watched)
    monkeypatch.setattr(delimited, "CHUNK", 1000)
    return found


def test_a_well_written_file_is_read_the_fast_way(ways: list[bool]) -> None:
    lines = "".join(f'"{n}","say ""hi"",\nthere",x\r\n' for n in range(200))
    content = b"\xef\xbb\xbf" + ("a,b,c\r\n" + lines).encode()
    accepted, rejects = _read(content, _stream(",", '"', header=True))
    assert accepted[0] == ("deals.csv:2", "0", 'say "hi",\nthere', "x")
    assert accepted[-1] == ("deals.csv:400", "199", 'say "hi",\nthere', "x")
    assert (len(accepted), rejects) == (200, [])
    assert len(ways) > 3
    assert all(ways)


def test_only_the_chunk_with_a_broken_row_needs_the_exact_reader(ways: list[bool]) -> None:
    lines = ["1,2,3\n"] * 1000
    lines[500] = "1,2\n"
    accepted, rejects = _read(("a,b,c\n" + "".join(lines)).encode(), _stream(",", '"', header=True))
    assert len(accepted) == 999
    assert [reject.origin for reject in rejects] == ["deals.csv:502"]
    assert ways.count(False) == 1
    assert ways.count(True) > 3
