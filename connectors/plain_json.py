"""JSON that every reader takes: what JSON has no form for is kept as text."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa


def to_json(value: Any) -> str:
    """A value as JSON; NaN and the infinities, days, times and decimals stand there as text."""
    try:
        return json.dumps(value, default=str, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), default=str, ensure_ascii=False)


def whole_record(values: Mapping[str, Any], extra: str | None) -> str:
    """A record as JSON: its columns, and `extra`, the JSON object of the others, as it stands."""
    known = to_json(values)
    if extra is None:
        return known
    if values.keys().isdisjoint(json.loads(extra)):
        return f"{known[:-1]}, {extra[1:]}" if values else extra
    return f'{known[:-1]}, "_extra": {extra}}}'


def python_values(values: pa.Array | pa.ChunkedArray) -> list[Any]:
    """An array's values as Python's own; a time that Python can't hold exactly is text."""
    plain = values.cast(_held_type(values.type))
    try:
        found: list[Any] = plain.to_pylist()
    except (ValueError, OverflowError):
        return [_python_value(value) for value in plain]
    return found


def _python_value(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except (ValueError, OverflowError):
        return str(value.cast(pa.string()) if pa.types.is_temporal(value.type) else value)


def _held_type(type_: pa.DataType) -> pa.DataType:
    if (pa.types.is_timestamp(type_) or pa.types.is_time64(type_)) and type_.unit == "ns":
        return pa.string()
    if pa.types.is_duration(type_) and type_.unit == "ns":
        return pa.int64()
    if pa.types.is_dictionary(type_):
        return _held_type(type_.value_type)
    if pa.types.is_struct(type_):
        return pa.struct([(item.name, _held_type(item.type)) for item in type_])
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(_held_type(type_.value_type))
    return type_


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
