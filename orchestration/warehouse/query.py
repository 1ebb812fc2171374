"""Queries of a person at the keyboard, on all that the last run left in the warehouse."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.company import Company
from orchestration.warehouse.connection import read_warehouse

MOST_ROWS: Final = 1_000
"""As many rows of an answer are shown; how many more there are is said."""


class QueryError(Exception):
    """A query that the warehouse can't answer; says why, in the engine's words."""


def answers(company: Company, text: str) -> Iterator[str]:
    """The lines that show what each query in `text`, between semicolons, answers: a table each.

    The warehouse is opened for reading alone. Raises QueryError where a query is wrong,
    WarehouseError where the warehouse can't be read.
    """
    with read_warehouse(company.warehouse) as connection:
        try:
            for place, statement in enumerate(connection.extract_statements(text)):
                if place:
                    yield ""
                yield from _answer(connection.execute(statement))
        except duckdb.Error as error:
            raise QueryError(str(error)) from error


def _answer(result: duckdb.DuckDBPyConnection) -> Iterator[str]:
    names = [str(column[0]) for column in result.description or ()]
    rows = result.fetchmany(MOST_ROWS)
    yield from table(names, rows)
    more = len(result.fetchall())
    if more:
        yield f"… and {more:,} rows more"


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """The lines of a table: numbers to the right, all else to the left, null left blank."""
    shown = [names, *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[place]) for row in shown) for place in range(len(names))]
    to_the_right = [any(_is_number(row[place]) for row in rows) for place in range(len(names))]
    for row in shown:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_the_right, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).splitlines())
