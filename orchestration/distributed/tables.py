"""The engine's tables: Delta, below one folder or bucket, each at a place that its name says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from orchestration.warehouse.dialects import SPARK

_NAMES: Final = {
    "string": "string",
    "bool": "boolean",
    "int32": "int",
    "int64": "bigint",
    "double": "double",
    "date32[day]": "date",
}


@dataclass(frozen=True)
class Tables:
    """Where they lie. What dbt makes is at its name, what it reads at `<schema>/<name>`."""

    root: str

    def address(self, *parts: str) -> str:
        """The folder or URL of a table."""
        return "/".join([self.root, *parts])

    def columns(self, *parts: str) -> pa.Schema | None:
        """The columns of a table; None where there is none."""
        try:
            return pa.schema(DeltaTable(self.address(*parts)).schema().to_arrow())
        except TableNotFoundError:
            return None

    def rows_of(self, *parts: str) -> str:
        """A table as SQL names it without a catalogue."""
        return f"delta.{SPARK.identifier(self.address(*parts))}"

    def write(self, table: pa.Table, *parts: str) -> None:
        """Put a table in the place of what is there, whatever columns that had."""
        write_deltalake(
            self.address(*parts), _with_zones(table), mode="overwrite", schema_mode="overwrite"
        )

    def made(
        self, schema: str, name: str, *parts: str, columns: pa.Schema | None = None
    ) -> Sequence[str]:
        """The statements that give a table a name in the catalogue.

        Where its columns are not told, not every catalogue can tell of them.
        """
        where = SPARK.literal(self.address(*parts))
        told = f"({', '.join(map(_declared, columns))}) " if columns is not None else ""
        return (
            f"create schema if not exists {SPARK.identifier(schema)}",
            f"create table if not exists {SPARK.identifier(schema, name)} "
            f"{told}using delta location {where}",
        )


def _declared(column: pa.Field) -> str:
    kind = column.type
    if pa.types.is_decimal(kind):
        named = f"decimal({kind.precision}, {kind.scale})"
    else:
        named = "timestamp" if pa.types.is_timestamp(kind) else _NAMES[str(kind)]
    may_be_null = "" if column.nullable else " not null"
    return f"{SPARK.identifier(column.name)} {named}{may_be_null}"


def _with_zones(table: pa.Table) -> pa.Table:
    """The same table; an instant, naive in UTC, says so: Delta has another type for the time on
    a wall, which Spark would not take for an instant.
    """
    kinds = [
        field.with_type(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(kinds))
