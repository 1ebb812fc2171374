"""Whatever a table holds, what lands is what was written: nothing lost, moved or altered."""

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.files.company import Exports

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_TABLES = st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=8)
_COLUMNS = {"id": "integer", "left": "text", "right": "text"}


def _landed(exports: Exports) -> list[tuple[str, str]]:
    assert exports.rows("select count(*) from raw where _reject_reason is not null") == [(0,)]
    return exports.rows('select "left", "right" from newest order by id')  # type: ignore[return-value]


@settings(max_examples=60, deadline=None)
@given(
    table=_TABLES,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    quotes_all=st.booleans(),
)
def test_any_table_written_as_delimited_text_lands_as_it_was(
    table: list[tuple[str, str]], delimiter: str, line_end: str, encoding: str, quotes_all: bool
) -> None:
    # Python's writer leaves a line end of another kind than the file's own without quotes.
    has_lines = any(end in value for row in table for value in row for end in "\r\n")
    quoting = csv.QUOTE_ALL if quotes_all or has_lines else csv.QUOTE_MINIMAL
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(_COLUMNS)
    writer.writerows([(n, *row) for n, row in enumerate(table)])
    with tempfile.TemporaryDirectory() as folder:
        exports = Exports(Path(folder))
        exports.write("deals.csv", text.getvalue().encode(encoding))
        exports.load(
            columns=_COLUMNS, null_words=[], csv={"delimiter": delimiter, "encoding": encoding}
        )
        assert _landed(exports) == table


@settings(max_examples=40, deadline=None)
@given(table=_TABLES, is_escaped=st.booleans())
def test_any_table_written_as_json_lands_as_it_was(
    table: list[tuple[str, str]], is_escaped: bool
) -> None:
    lines = [
        json.dumps({"id": n, "left": left, "right": right}, ensure_ascii=is_escaped) + "\n"
        for n, (left, right) in enumerate(table)
    ]
    with tempfile.TemporaryDirectory() as folder:
        exports = Exports(Path(folder))
        exports.write("deals.ndjson", "".join(lines))
        exports.load(columns=_COLUMNS, null_words=[], files="deals.ndjson")
        assert _landed(exports) == table
