"""The fields of all objects that are read, as the org describes them: labels, types, options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from connectors.api_stream import ApiStream
from connectors.base import Batch, Cursor, RawSchema
from connectors.casting import cast_records
from connectors.held import held_versions
from connectors.http import Refused
from connectors.salesforce.compare import Kept
from connectors.salesforce.errors import MISSING
from connectors.salesforce.fields import Field
from connectors.salesforce.org import Org


@dataclass(frozen=True)
class DefinitionsStream:
    """Every field of the objects that are read. Read whole, landed where it differs.

    An object that the user may not see has no rows here; its own stream says so.
    """

    org: Org
    declared: ApiStream
    kept: Kept
    sobjects: Sequence[str]

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.declared.name

    @property
    def schema(self) -> RawSchema:
        """The declared columns."""
        return self.declared.schema

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What differs from what the lake holds, then which fields there are."""
        rows = [row for sobject in self.sobjects for row in self._rows(sobject)]
        names = [column.name for column in self.schema.columns]
        records = pa.table(
            {name: pa.array([row[name] for row in rows], pa.string()) for name in names}
            | {name: pa.array([row[name] for row in rows], pa.string()) for name in _BESIDE}
        )
        typed, rejects = cast_records(records, self.schema)
        kept = self.kept
        with held_versions(kept.lake, kept.source, kept.stream, self.schema) as held:
            typed, rejects = held.without_known(typed, rejects)
        after = {"reads": (cursor or {"reads": 0})["reads"] + 1}
        yield Batch(typed, after, rejects, may_wait=True)
        present = pa.chunked_array([records.column("_record_id").combine_chunks()])
        empty = pa.table({"_record_id": pa.array([], pa.string())})
        yield Batch(empty, after, present=present, may_wait=True)

    def _rows(self, sobject: str) -> Iterator[dict[str, str | None]]:
        try:
            described, _ = self.org.describe(sobject)
        except Refused as error:
            if error.code in MISSING:
                return
            raise
        for field in described.fields:
            yield _row(sobject, field)


_BESIDE = ("_record_id", "_origin")


def _row(sobject: str, field: Field) -> dict[str, str | None]:
    told = field.told
    options = [
        {"value": option["value"], "label": option.get("label"), "active": option.get("active")}
        for option in told.get("picklistValues") or ()
    ]
    return {
        "object": sobject,
        "name": field.name,
        "label": told.get("label"),
        "type": field.type,
        "relationship_name": told.get("relationshipName"),
        "reference_to": ",".join(told.get("referenceTo") or ()) or None,
        "options": orjson.dumps(options).decode() if options else None,
        "calculated": _truth(told.get("calculated")),
        "custom": _truth(told.get("custom")),
        "nillable": _truth(told.get("nillable")),
        "length": _whole(told.get("length")),
        "precision": _whole(told.get("precision")),
        "scale": _whole(told.get("scale")),
        "_record_id": f"{sobject}|{field.name}",
        "_origin": f"{sobject}/describe",
    }


def _truth(value: Any) -> str | None:
    return None if value is None else str(bool(value)).lower()


def _whole(value: Any) -> str | None:
    return None if value is None else str(value)
