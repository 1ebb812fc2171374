"""Two tables of the same columns, one in DuckDB, one in Delta: how many rows differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from deltalake import DeltaTable

# Sums of floating numbers depend on the order in which an engine adds them.
_TOLERANCE = 1e-9


def open_both(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads a warehouse, as `warehouse`, and what is beside it."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    return connection


def rows_in(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    """How many rows a table of the warehouse has."""
    [(rows,)] = connection.execute(f'select count(*) from warehouse."{schema}"."{name}"').fetchall()
    return int(rows)


def differing(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    address: str,
    storage_options: Mapping[str, str] | None = None,
) -> int:
    """How many rows differ between a table of the warehouse and the Delta table at `address`.

    Rows stand beside each other in the order of all their columns. Floating numbers may differ by
    1e-9 of their size; all else is equal, or differs.
    """
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns where table_catalog = "
        "'warehouse' and table_schema = ? and table_name = ? order by ordinal_position",
        [schema, name],
    ).fetchall()
    table = DeltaTable(address, storage_options=dict(storage_options or {}))
    rows = table.to_pyarrow_dataset()
    assert set(rows.schema.names) == {column for column, _ in columns}, name
    connection.register("on_spark", rows)
    ours = _numbered(f'warehouse."{schema}"."{name}"', columns)
    theirs = _numbered("on_spark", columns)
    unlike = " or ".join(_unlike(column, kind) for column, kind in columns)
    [(count,)] = connection.execute(
        f"select count(*) from ({ours}) as a full join ({theirs}) as b on a._row = b._row "
        f"where a._row is null or b._row is null or {unlike}"
    ).fetchall()
    connection.unregister("on_spark")
    return int(count)


def _numbered(relation: str, columns: Sequence[tuple[str, str]]) -> str:
    cast = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in columns)
    exact = [f'"{column}"' for column, kind in columns if kind != "DOUBLE"]
    rounded = [f'round("{column}", 6)' for column, kind in columns if kind == "DOUBLE"]
    order = ", ".join(f"{term} nulls first" for term in exact + rounded)
    rows = f"select {cast} from {relation}"
    return f"select *, row_number() over (order by {order}) as _row from ({rows})"


def _unlike(column: str, kind: str) -> str:
    a, b = f'a."{column}"', f'b."{column}"'
    if kind != "DOUBLE":
        return f"{a} is distinct from {b}"
    return (
        f"({a} is null) <> ({b} is null) "
        f"or abs({a} - {b}) > {_TOLERANCE} * greatest(1, abs({a}), abs({b}))"
    )
