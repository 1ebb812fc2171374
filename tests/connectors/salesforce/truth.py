"""What an org holds, in the form in which the lake has it."""

import json
from collections.abc import Mapping
from typing import Any

from connectors.columns import Column, FieldType
from connectors.salesforce.streams import STREAMS, SalesforceStream
from connectors.sandbox.salesforce import Org

RECORD_STREAMS = tuple(stream for stream in STREAMS if isinstance(stream, SalesforceStream))
"""The streams of records: all but what Salesforce tells of its fields."""

Row = Mapping[str, Any]


def held(org: Org, stream: SalesforceStream) -> dict[str, dict[str, Any]]:
    """The records of a stream that are not in the bin, by id, in the columns of the lake."""
    return {
        id_: _columns(stream, record)
        for id_, record in org.tables[stream.sobject].records.items()
        if not record.get("IsDeleted")
    }


def landed(stream: SalesforceStream, newest: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """The newest version of each record that is not gone, likewise."""
    names = list((stream.fields or {}).keys())
    return {
        id_: {name: row[name] for name in names}
        for id_, row in newest.items()
        if not row["_deleted"]
    }


def _columns(stream: SalesforceStream, record: Row) -> dict[str, Any]:
    fields = stream.fields or {}
    return {
        column: _as_landed(record.get(field), stream.columns[column])
        for column, field in fields.items()
    }


def _as_landed(value: Any, column: Column) -> Any:
    if value is None or column.type is not FieldType.TEXT:
        return value
    # History tells values of every type in one column.
    return json.dumps(value) if isinstance(value, bool) else str(value)
