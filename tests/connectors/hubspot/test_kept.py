"""How much lands at once."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from connectors.base import Cursor
from connectors.hubspot.kept import gathered

COUNT = 100
SIZE = 10_000


def _pages(width: int) -> Iterator[tuple[pa.Table, Cursor]]:
    for number in range(COUNT):
        yield pa.table({"_record_id": [str(number)], "text": ["x" * width]}), {"first": str(number)}


@pytest.mark.parametrize("width", [10, 1_000, 20_000])
def test_what_lands_at_once_is_bounded_in_bytes_however_wide_the_rows_are(width: int) -> None:
    page = next(_pages(width))[0].nbytes
    assert all(rows.nbytes <= SIZE + 2 * page for rows, _ in gathered(_pages(width), SIZE))


@pytest.mark.parametrize("width", [10, 1_000, 20_000])
def test_every_row_lands_once_in_its_order_with_the_cursor_of_the_last(width: int) -> None:
    lots = list(gathered(_pages(width), SIZE))
    ids = [rows.column("_record_id").to_pylist() for rows, _ in lots]
    assert [id_ for lot in ids for id_ in lot] == [str(number) for number in range(COUNT)]
    assert [cursor for _, cursor in lots] == [{"first": lot[-1]} for lot in ids]
