"""How the columns of a stream fill the input layer's entities."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, model_validator

from connectors.columns import Column, Word
from connectors.entities import ENTITIES, Entity, FieldType
from connectors.entities import Field as EntityField
from connectors.faults import Faults, Part, Place, fault

PRESENT: Final = "present"
ABSENT: Final = "absent"

TANDEM_VOCABULARY: Final = "tandem"
"""The vocabulary of the funnel's own stages."""

_FITS: Final[Mapping[FieldType, frozenset[FieldType]]] = {
    FieldType.TEXT: frozenset({FieldType.TEXT, FieldType.INTEGER}),
    FieldType.INTEGER: frozenset({FieldType.INTEGER}),
    FieldType.DECIMAL: frozenset({FieldType.DECIMAL, FieldType.INTEGER}),
    FieldType.BOOLEAN: frozenset({FieldType.BOOLEAN}),
    FieldType.DATE: frozenset({FieldType.DATE}),
    FieldType.TIMESTAMP: frozenset({FieldType.TIMESTAMP, FieldType.DATE}),
}
"""The types of columns that can fill a field of each type."""

_COUNTABLE: Final = frozenset({FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN})

Constant = str | bool | int | float | datetime | date


class Value(Part):
    """What fills a field: a column, a constant, the first present of some columns, or a join.

    Exactly one of `column`, `constant`, `first_of` and `join` is set. `words` renames words of
    `column`; `separator` (written `with`) stands between the parts of a `join`, which is absent
    where one of its parts is.
    """

    column: str | None = None
    constant: Constant | None = None
    first_of: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    separator: str = Field(default="-", alias="with")
    words: dict[Word, Word] = Field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the value is made of; none for a constant."""
        return (self.column,) if self.column is not None else self.first_of + self.join

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Value":
        kinds = {"column", "constant", "first_of", "join"}
        given = [kind for kind in kinds if getattr(self, kind) not in (None, ())]
        if len(given) != 1:
            raise fault(
                "a column's name, {constant: x}, {first_of: [column, …]}, {join: [column, …], "
                "with: '-'} or {column: x, words: {…}}"
            )
        if self.words and self.column is None:
            raise fault("`words` beside `column` only")
        if "separator" in self.model_fields_set and not self.join:
            raise fault("`with` beside `join` only")
        return self


def _parse_value(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _parse_condition(value: object) -> object:
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, int):
        return (str(value),)
    if isinstance(value, list):
        return tuple(part for item in value for part in _parse_condition_item(item))
    return value


def _parse_condition_item(item: object) -> tuple[object, ...]:
    parsed = _parse_condition(item) if not isinstance(item, list) else item
    return parsed if isinstance(parsed, tuple) else (parsed,)


Condition = Annotated[str | tuple[Word, ...], BeforeValidator(_parse_condition)]
"""`present`, `absent`, one word, or a tuple of words of which the column has one."""


class Fill(Part):
    """How one entity is made of a stream's rows; `where` passes over rows that don't meet it."""

    entity: str
    values: dict[str, Annotated[Value, BeforeValidator(_parse_value)]]
    where: dict[str, Condition] = Field(default_factory=dict)


def vocabulary(source: str, stream: str, field: str, value: Value) -> str:
    """Whose words fill a word field: `<source>.<stream>.<column>`, as the agreement names them.

    A constant `stage` is one of the funnel's own stages, of the vocabulary `tandem`; any other
    constant is a word of `<source>.<stream>.<field>`.
    """
    if value.column is not None:
        return f"{source}.{stream}.{value.column}"
    return TANDEM_VOCABULARY if field == "stage" else f"{source}.{stream}.{field}"


def unknown_column(name: str, columns: Mapping[str, object]) -> str:
    """What to say of a column that is not declared."""
    return "a column that `columns` declares" + _nearest(name, columns)


def check_fills(fills: tuple[Fill, ...], columns: Mapping[str, Column], faults: Faults) -> None:
    """Find fills of entities, fields or columns that are not there, or whose types don't fit."""
    for position, fill in enumerate(fills):
        place: Place = ("fills", position)
        _check_where(fill, columns, place, faults)
        entity = ENTITIES.get(fill.entity)
        if entity is None:
            expected = f"one of {', '.join(ENTITIES)}{_nearest(fill.entity, ENTITIES)}"
            faults.add((*place, "entity"), fill.entity, expected)
            continue
        _check_required(fill, entity, place, faults)
        fields = {field.name: field for field in entity.fields}
        for name, value in fill.values.items():
            at = (*place, "values", name)
            if name not in fields:
                known = f"a field of {entity.name}: {', '.join(fields)}{_nearest(name, fields)}"
                faults.add(at, name, known)
            else:
                for expected in _misfits(value, fields[name], columns):
                    faults.add(at, _shown(value), expected)


def _check_required(fill: Fill, entity: Entity, place: Place, faults: Faults) -> None:
    missing = [f.name for f in entity.fields if f.required and f.name not in fill.values]
    if missing:
        expected = f"{entity.name} needs {', '.join(missing)} too"
        faults.add((*place, "values"), sorted(fill.values), expected)


def _misfits(value: Value, field: EntityField, columns: Mapping[str, Column]) -> Iterator[str]:
    if value.constant is not None:
        yield from _misfits_of_constant(value.constant, field)
    if field.is_word and (value.join or value.first_of):
        yield "one column, whose words the agreement can name, or a constant"
    for name in value.columns:
        if name not in columns:
            yield f"{unknown_column(name, columns)} instead of {name}"
            continue
        fits = _FITS[FieldType.TEXT if value.join else field.type]
        if columns[name].type not in fits:
            types = " or ".join(sorted(fits))
            yield f"a column of type {types}; {name} is {columns[name].type}"
        elif columns[name].type is FieldType.DECIMAL and columns[name].scale > field.scale:
            yield f"a decimal of at most {field.scale} digits after the point; {name} has more"
        if value.words and columns[name].type is not FieldType.TEXT:
            yield f"a text column beside `words`; {name} is {columns[name].type}"
    if value.join and field.type is not FieldType.TEXT:
        yield f"a value of type {field.type}; columns joined are text"
    outside = [word for word in value.words.values() if field.choices and word not in field.choices]
    if outside:
        yield f"words that become one of {', '.join(field.choices)}, not {', '.join(outside)}"


def _misfits_of_constant(constant: Constant, field: EntityField) -> Iterator[str]:
    if field.choices and constant not in field.choices:
        yield f"one of {', '.join(field.choices)}"
    elif not _is_constant_of(constant, field.type):
        advice = "; put it in quotes" if field.type is FieldType.TEXT else ""
        yield f"a constant of type {field.type}{advice}"
    elif field.type is FieldType.DECIMAL and not _holds(field, Decimal(str(constant))):
        before = field.precision - field.scale
        yield f"at most {before} digits before the point and {field.scale} after it"


def _holds(field: EntityField, number: Decimal) -> bool:
    small_enough = abs(number) < Decimal(10) ** (field.precision - field.scale)
    return small_enough and number == round(number, field.scale)


def _is_constant_of(constant: Constant, kind: FieldType) -> bool:
    if isinstance(constant, bool):
        return kind is FieldType.BOOLEAN
    if isinstance(constant, datetime):
        return kind is FieldType.TIMESTAMP
    if isinstance(constant, date):
        return kind in {FieldType.DATE, FieldType.TIMESTAMP}
    if isinstance(constant, int):
        return kind in {FieldType.INTEGER, FieldType.DECIMAL}
    if isinstance(constant, float):
        return kind is FieldType.DECIMAL
    return kind is FieldType.TEXT or (kind is FieldType.DECIMAL and _is_decimal(constant))


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _check_where(fill: Fill, columns: Mapping[str, Column], place: Place, faults: Faults) -> None:
    for name, condition in fill.where.items():
        at = (*place, "where", name)
        if name not in columns:
            faults.add(at, name, unknown_column(name, columns))
        elif condition not in (PRESENT, ABSENT) and columns[name].type not in _COUNTABLE:
            faults.add(at, condition, f"present or absent; {name} is {columns[name].type}")
        elif condition == ():
            faults.add(at, condition, "at least one word")


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _shown(value: Value) -> object:
    if value.constant is not None:
        return value.constant
    return value.column or list(value.columns)
