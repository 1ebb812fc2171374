"""Pieces of SQL text, put together safely."""

from typing import Final

from connectors.entities import FieldType

TYPES: Final = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "bigint",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamp",
}
"""The column type of each field type but decimal, whose digits depend on the column."""


def identifier(*parts: str) -> str:
    """A quoted name, its parts joined by dots."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A quoted text; quotes, line ends and NUL inside it are safe."""
    return "'" + text.replace("'", "''") + "'"
