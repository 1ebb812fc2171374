"""What an org holds, in the form in which the lake has it."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.columns import Column, FieldType
from connectors.salesforce.config import ClientCredentials, SalesforceSource
from connectors.salesforce.streams import SalesforceStream
from connectors.sandbox.salesforce import Org

_SOURCE = SalesforceSource(
    name="salesforce",
    kind="salesforce",
    client_credentials=ClientCredentials(client_id_env="SF_ID", client_secret_env="SF_SECRET"),
)
RECORD_STREAMS = tuple(s for s in _SOURCE.streams if isinstance(s, SalesforceStream))
"""The streams of records: all but what Salesforce tells of its fields."""

Row = Mapping[str, Any]


def held(org: Org, stream: SalesforceStream) -> dict[str, dict[str, Any]]:
    """The records of a stream that show themselves outside the bin, by id, in lake columns."""
    return {record["Id"]: _columns(stream, record) for record in _shown(org, stream)}


def landed(stream: SalesforceStream, newest: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """The newest version of each record that is not gone, likewise."""
    names = list(_fields(stream))
    return {
        id_: {name: row[name] for name in names}
        for id_, row in newest.items()
        if not row["_deleted"]
    }


def held_beside(org: Org, stream: SalesforceStream) -> dict[str, Row]:
    """What the same records hold in all other fields, by id and the fields' names."""
    known = set(_fields(stream).values())
    names = org.tables[stream.sobject].fields.keys() - known
    return {
        record["Id"]: {name: _as_json(record[name]) for name in names if record[name] is not None}
        for record in _shown(org, stream)
    }


def landed_beside(newest: Mapping[str, Row]) -> dict[str, Row]:
    """The same, as it landed."""
    return {
        id_: json.loads(row["_extra"] or "{}") for id_, row in newest.items() if not row["_deleted"]
    }


def _shown(org: Org, stream: SalesforceStream) -> Iterator[Row]:
    shown = org.tables[stream.sobject].visible(org.clock.now())
    return (record for record in shown if not record.get("IsDeleted"))


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    return str(value) if isinstance(value, date) else value


def _columns(stream: SalesforceStream, record: Row) -> dict[str, Any]:
    return {
        column: _as_landed(record.get(field), stream.columns[column])
        for column, field in _fields(stream).items()
    }


def _fields(stream: SalesforceStream) -> Mapping[str, str]:
    chosen = {name: field for name, field in stream.chosen.items() if name in stream.columns}
    return {**(stream.fields or {}), **chosen}


def _as_landed(value: Any, column: Column) -> Any:
    if value is None or column.type is not FieldType.TEXT:
        return value
    # History tells values of every type in one column.
    if isinstance(value, Decimal):
        return json.dumps(float(value))
    return json.dumps(value) if isinstance(value, bool) else str(value)
