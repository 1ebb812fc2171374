"""Match the header of a file against the columns that its stream declares."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from connectors.errors import PermanentError
from connectors.file_source import Stream


@dataclass(frozen=True)
class Layout:
    """Which position of a row holds which declared column, and the names of the others."""

    declared: dict[str, int]
    others: dict[str, int]
    width: int

    def told(self, types: Sequence[str]) -> dict[str, str]:
        """The file's columns, each with its type of those that its positions have."""
        return {name: types[at] for name, at in {**self.others, **self.declared}.items()}


def column_name(header: str) -> str:
    """A header as the name of a column: lower case, with one _ for what is no letter or digit."""
    return re.sub(r"[^0-9a-z]+", "_", header.strip().lower()).strip("_")


def match_headers(found: Sequence[str], stream: Stream, where: str) -> Layout:
    """The layout of a file with these headers.

    Raises PermanentError where a declared column that is not optional is missing, or stands there
    twice.
    """
    named = [header.strip() for header in found]
    declared: dict[str, int] = {}
    for name, column in stream.columns.items():
        if column.header is not None:
            positions = [i for i, header in enumerate(named) if header == column.header.strip()]
        else:
            positions = [i for i, header in enumerate(named) if column_name(header) == name]
        wanted = column.header or name
        if len(positions) > 1:
            raise PermanentError(
                f"column {wanted} stands in the header {len(positions)} times",
                where=where,
                fix=f"Name one of them in sources.yml with `header`, or remove it: {_shown(named)}",
            )
        if positions:
            declared[name] = positions[0]
        elif not column.optional:
            raise PermanentError(
                f"column {wanted} is missing; the header has {_shown(named)}",
                where=where,
                fix="Correct the export; or, in sources.yml, give the column its `header`, make it "
                "`optional: true`, or correct the delimiter or encoding of the stream",
            )
    taken = set(declared.values())
    others: dict[str, int] = {}
    for position, header in enumerate(named):
        if position not in taken:
            name = header or f"column_{position + 1}"
            while name in others:
                name += "_"
            others[name] = position
    return Layout(declared, others, len(named))


def as_extras(layout: Layout, columns: Sequence[pa.Array]) -> pa.Array | None:
    """The undeclared values of each row that are not empty, as JSON; None: no such column."""
    if not layout.others:
        return None
    held = [columns[position].to_pylist() for position in layout.others.values()]
    extras = []
    for values in zip(*held, strict=True):
        named = {name: value for name, value in zip(layout.others, values, strict=True) if value}
        extras.append(json.dumps(named, ensure_ascii=False) if named else None)
    return pa.array(extras, pa.string())


def _shown(headers: Sequence[str]) -> str:
    return ", ".join(repr(header) for header in headers) or "nothing"
