"""A value as each API spells it: REST in JSON, with `+0000`; Bulk in CSV, with `Z`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def as_json(sobject: str, version: str, record: Mapping[str, Any], fields: Sequence[str]) -> str:
    """A record as REST tells it: a JSON object."""
    url = f"/services/data/{version}/sobjects/{sobject}/{record['Id']}"
    attributes = f'"attributes":{{"type":"{sobject}","url":"{url}"}}'
    told = ",".join((attributes, *(f'"{name}":{_json(record[name])}' for name in fields)))
    return "{" + told + "}"


def as_csv(fields: Sequence[str], records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as a page of Bulk tells them: CSV with a header, everything between quotes."""
    lines = [",".join(f'"{name}"' for name in fields)]
    lines += (",".join(_quoted(record[name]) for name in fields) for record in records)
    return "".join(f"{line}\n" for line in lines).encode()


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%S}.000+0000"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    # As a number with every digit, which a float would not keep.
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _quoted(value: Any) -> str:
    text = _text(value).replace('"', '""')
    return f'"{text}"'


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    return str(value)
