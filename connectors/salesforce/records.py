"""Records of an object, as JSON or CSV, in the columns of its stream; the same from either.

A page of the REST API and a page of a Bulk job spell one value in two ways. Here both become one:
numbers without their spelling (`250.0` and `250` are 250), instants with a `Z`, nothing as null.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from connectors.base import RawSchema
from connectors.entities import FieldType
from connectors.errors import TransientError
from connectors.salesforce.fields import Field, Reading

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# A decimal of so many digits survives the way through a float and back.
_EXACT_DIGITS: Final = 15
_EXACT_INTEGER: Final = 10**_EXACT_DIGITS
# The longest spelling of a float that is sure to be a decimal of that many digits.
_EXACT_SPELLING: Final = _EXACT_DIGITS + 1
_OFFSET: Final = "+0000"

Values = Mapping[str, Sequence[Any]]
"""The values of each field, all of one length."""


class InexactNumber(Exception):
    """A number has more digits than a float holds: the page is to be read once more, exactly."""


def of_json(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Values:
    """The values of the fields in records of the REST API."""
    return {name: [record[name] for record in records] for name in names}


def parse_json(body: bytes) -> Any:
    """JSON, quickly: numbers with a point are floats."""
    return orjson.loads(body)


def parse_json_exactly(body: bytes) -> Any:
    """JSON with every digit of every number: those with a point are Decimals."""
    return json.loads(body, parse_float=Decimal)


def of_csv(body: bytes, where: str) -> pa.Table:
    """A page of a Bulk job: text columns by the fields' names, null where nothing stands.

    Raises TransientError for a page that is not whole CSV.
    """
    # Only one block: a record may be longer than any block of a fixed size.
    whole = csv.ReadOptions(block_size=len(body) + 1, use_threads=False)
    try:
        names = csv.read_csv(
            pa.BufferReader(body[: body.find(b"\n") + 1]), read_options=whole
        ).column_names
        return csv.read_csv(
            pa.BufferReader(body),
            read_options=whole,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise TransientError(
            f"a page of results is not whole CSV ({error})",
            where=where,
            fix="It is asked for again at the next try",
        ) from error


def to_records(values: Values | pa.Table, reading: Reading, schema: RawSchema) -> pa.Table:
    """A batch's records: the declared columns as far as the object has them, and what is beside.

    Raises InexactNumber for numbers that floats can't hold.
    """
    types = {column.name: column for column in schema.columns}
    columns: dict[str, Any] = {}
    for name, field in reading.columns.items():
        columns[name] = _known(_values(values, field), field, types[name].type)
    ids = columns["id"]
    columns["_record_id"] = ids
    prefix = pa.scalar(f"{reading.sobject}/")
    columns["_origin"] = pc.binary_join_element_wise(prefix, ids, "")
    columns["_extra"] = _extra(values, reading.others)
    if reading.can_be_deleted:
        columns["_deleted"] = pc.fill_null(_booleans(_values(values, _IS_DELETED)), False)
    return pa.table(columns)


_TRUTH: Final = pa.array(["true", "false", None])
_IS_DELETED: Final = Field("IsDeleted", "boolean", {})


def _values(values: Values | pa.Table, field: Field) -> Any:
    return values.column(field.name) if isinstance(values, pa.Table) else values[field.name]


def _known(values: Any, field: Field, wanted: FieldType) -> Any:
    """A known column as text, or as booleans: what the lake's own exact cast starts from."""
    if field.is_number:
        return _plain_numbers(values) if _is_text(values) else _spellings(values)
    if field.is_boolean and wanted is FieldType.BOOLEAN:
        return _booleans(values)
    texts = values if _is_text(values) else _texts(values)
    return pc.replace_substring_regex(texts, r"\+0000$", "Z") if field.is_datetime else texts


def _plain_numbers(texts: Any) -> Any:
    if pc.any(pc.match_substring_regex(texts, "[eE]")).as_py():
        return _spellings(texts.to_pylist())
    whole = pc.replace_substring_regex(texts, r"^([+-]?[0-9]+)\.0*$", r"\1")
    return pc.replace_substring_regex(whole, r"(\.[0-9]*[1-9])0+$", r"\1")


def _spellings(values: Sequence[Any]) -> Any:
    return pa.array([_spelling(value) for value in values], pa.string())


def _texts(values: Sequence[Any]) -> Any:
    try:
        texts = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([_plain_text(value) for value in values], pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _is_text(values: Any) -> bool:
    return isinstance(values, pa.ChunkedArray | pa.Array)


def _listed(values: Any) -> Sequence[Any]:
    listed: Sequence[Any] = values.to_pylist() if _is_text(values) else values
    return listed


def _booleans(values: Any) -> Any:
    if not _is_text(values):
        return pa.array(values, pa.bool_())
    is_truth = pc.all(pc.is_in(values, value_set=_TRUTH)).as_py() is not False
    return pc.equal(values, "true") if is_truth else values


def _extra(values: Values | pa.Table, fields: Sequence[Field]) -> pa.Array:
    """All other fields of each record that hold anything, as JSON; null where none does."""
    names: list[str] = []
    columns: list[Sequence[Any]] = []
    for field in fields:
        listed = _listed(_values(values, field))
        if any(value is not None for value in listed):
            names.append(field.name)
            columns.append(_plain_values(listed, field))
    count = len(values) if isinstance(values, pa.Table) else len(next(iter(values.values())))
    if not names:
        return pa.nulls(count, pa.string())
    dumps = orjson.dumps
    return pa.array(
        [
            dumps(held).decode()
            if (held := {n: v for n, v in zip(names, row, strict=True) if v is not None})
            else None
            for row in zip(*columns, strict=True)
        ],
        pa.string(),
    )


def _plain_values(values: Sequence[Any], field: Field) -> Sequence[Any]:
    """A field's values in their one form, whichever API gave them."""
    return [None if v is None else _form(field)(v) for v in values]


def _form(field: Field) -> Callable[[Any], Any]:
    if field.is_number:
        return _number
    if field.is_boolean:
        return _truth
    if field.is_datetime:
        return _instant_text
    if field.type == "anyType":
        return _plain_text
    return _unchanged


def _unchanged(value: Any) -> Any:
    return None if value == "" else value


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _instant_text(value: Any) -> Any:
    is_offset = isinstance(value, str) and value.endswith(_OFFSET)
    return f"{value[: -len(_OFFSET)]}Z" if is_offset else value


def _plain_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _number(value: Any) -> Any:
    """A number as JSON has it, with all its digits; what is none stays as it is."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _EXACT_INTEGER:
            return int(value)
        if len(repr(value)) > _EXACT_SPELLING:
            raise InexactNumber
        return value
    if isinstance(value, int) and abs(value) < _EXACT_INTEGER:
        return value
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return value
    exact = Decimal(value)
    if len(exact.normalize().as_tuple().digits) > _EXACT_DIGITS:
        return orjson.Fragment(_digits(exact))
    near = float(exact)
    return int(near) if near.is_integer() and abs(near) < _EXACT_INTEGER else near


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _spelling(value: Any) -> Any:
    """A number as text, in its one form; what is none stays as it is."""
    if value is None or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        return value
    if isinstance(value, float) and len(repr(value)) > _EXACT_SPELLING:
        raise InexactNumber
    return _digits(Decimal(repr(value) if isinstance(value, float) else value))
