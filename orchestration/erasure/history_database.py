"""Take people out of Dagster's history where it lies in PostgreSQL, and look for them there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.mailbox import AT_SIGN
from connectors.suppression import Suppression
from orchestration.instance import driver_address, history_database
from orchestration.warehouse.connection import WarehouseError
from orchestration.warehouse.sql import identifier

_WAIT_SECONDS: Final = 30
_TEXT_COLUMNS: Final = text("""
select c.table_name, c.column_name
from information_schema.columns as c
inner join information_schema.tables as t using (table_schema, table_name)
where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
    and c.data_type in ('text', 'character varying')
order by c.table_name, c.ordinal_position
""")


def clean_history_database(forgotten: Suppression) -> None:
    """Replace their addresses in Dagster's database; nothing where its history is in files.

    Each table is then written anew, so that no page holds what was there.

    Raises WarehouseError where the database is not to be had, or where another session has a table
    for half a minute.
    """
    address = history_database()
    if address is None:
        return
    with _connected(address) as connection:
        for table, columns in _text_columns(connection).items():
            for row, values in _rows(connection, table, columns):
                _replace(connection, table, row, _changed(values, forgotten))
            # What was deleted earlier stays in the table's pages until then.
            connection.execute(text(f"vacuum (full) {identifier(table)}"))


def history_places(forgotten: Suppression) -> list[str]:
    """In which columns of Dagster's database they are named; none where it has none.

    Raises WarehouseError where the database is not to be had.
    """
    address = history_database()
    if address is None:
        return []
    with _connected(address) as connection:
        return sorted(
            {
                f"{table}.{column}"
                for table, columns in _text_columns(connection).items()
                for _, values in _rows(connection, table, columns)
                for column in _changed(values, forgotten)
            }
        )


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    # An error tells of the statement alone: its values name those who are to be forgotten.
    engine = create_engine(
        driver_address(address), isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(f"set lock_timeout = '{_WAIT_SECONDS}s'"))
            yield connection
    except SQLAlchemyError as error:
        raise WarehouseError(
            f"Dagster's history in PostgreSQL can't be cleaned ({error}). Another process, such as "
            "the web UI, may hold it: end that, and run this again: it goes on."
        ) from error
    finally:
        engine.dispose()


def _text_columns(connection: Connection) -> Mapping[str, tuple[str, ...]]:
    """The text columns of each table that Dagster has there."""
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(_TEXT_COLUMNS):
        found[row[0]] = (*found.get(row[0], ()), row[1])
    return found


def _rows(
    connection: Connection, table: str, columns: tuple[str, ...]
) -> list[tuple[str, dict[str, str]]]:
    """Where each row with an at sign is, and its texts that have one."""
    names = ", ".join(identifier(column) for column in columns)
    has_one = " or ".join(f"{identifier(column)} ~* :at_sign" for column in columns)
    rows = connection.execute(
        text(f"select cast(ctid as text), {names} from {identifier(table)} where {has_one}"),
        {"at_sign": AT_SIGN},
    )
    return [
        (row[0], {column: value for column, value in zip(columns, row[1:], strict=True) if value})
        for row in rows
    ]


def _changed(values: Mapping[str, str], forgotten: Suppression) -> dict[str, tuple[str, str]]:
    """Of the columns that name somebody, what they hold and what is left of it."""
    left = {column: forgotten.without_addresses(value) for column, value in values.items()}
    return {
        column: (value, left[column]) for column, value in values.items() if left[column] != value
    }


def _replace(
    connection: Connection, table: str, row: str, changed: Mapping[str, tuple[str, str]]
) -> None:
    """Change one row; not another one that has taken its place meanwhile."""
    if not changed:
        return
    numbered = list(enumerate(changed.items()))
    sets = ", ".join(f"{identifier(column)} = :left{n}" for n, (column, _) in numbered)
    same = " and ".join(f"{identifier(column)} = :was{n}" for n, (column, _) in numbered)
    values = {"row": row}
    for number, (_, (was, left)) in numbered:
        values |= {f"was{number}": was, f"left{number}": left}
    connection.execute(
        text(f"update {identifier(table)} set {sets} where ctid = cast(:row as tid) and {same}"),
        values,
    )
