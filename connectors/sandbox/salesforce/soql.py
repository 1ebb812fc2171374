"""Queries in Salesforce's language: read, checked against the object's fields, and applied.

`SELECT a, b | COUNT() FROM X [WHERE …] [ORDER BY a [ASC|DESC] [NULLS FIRST|LAST], …] [LIMIT n]
[OFFSET n]`, with `AND`, `OR`, `NOT`, brackets, `=`, `!=`, `<`, `<=`, `>`, `>=`, `IN`, `NOT IN` and
`LIKE`. Fields of other objects, aggregates and words for days are not among what it knows.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from connectors.sandbox.salesforce.ids import salesforce_id
from connectors.sandbox.salesforce.refusals import Refused

Fields = Mapping[str, Mapping[str, Any]]
Test = Callable[[Mapping[str, Any]], bool]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
_IDS: Final = frozenset({"id", "reference"})
_KINDS: Final = {
    "datetime": (datetime, "dateTime"),
    "date": (date, "date"),
    "boolean": (bool, "boolean"),
    "int": (Decimal, "int"),
    "double": (Decimal, "double"),
    "currency": (Decimal, "double"),
    "percent": (Decimal, "double"),
}
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Order:
    """One field by which records are ordered."""

    field: str
    is_falling: bool
    nulls_first: bool


@dataclass(frozen=True)
class Query:
    """A query as it was read. `fields` is empty where records are only counted."""

    fields: tuple[str, ...]
    sobject: str
    test: Test
    order: tuple[Order, ...]
    limit: int | None
    offset: int

    @property
    def is_count(self) -> bool:
        """Whether the records are only counted."""
        return not self.fields

    def found(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records that it asks for, in its order; of equals the first comes first."""
        rows = [record for record in records if self.test(record)]
        for order in reversed(self.order):
            name = order.field
            nulls = [row for row in rows if row[name] is None]
            others = [row for row in rows if row[name] is not None]
            others.sort(key=lambda row: row[name], reverse=order.is_falling)
            rows = nulls + others if order.nulls_first else others + nulls
        end = None if self.limit is None else self.offset + self.limit
        return rows[self.offset : end]


def parsed(text: str, fields_of: Callable[[str], Fields]) -> Query:
    """Read a query. `fields_of` tells an object's fields, KeyError where there is no such object.

    Raises Refused as the API does.
    """
    return _Parser(text, fields_of).query()


class _Parser:
    def __init__(self, text: str, fields_of: Callable[[str], Fields]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._fields_of = fields_of
        self._fields: Fields = {}
        self._sobject = ""

    def query(self) -> Query:
        self._need("select")
        names: list[str] = []
        if self._take("count"):
            self._need("(")
            self._need(")")
        else:
            names = self._words()
        self._need("from")
        self._sobject = self._word()
        try:
            self._fields = self._fields_of(self._sobject)
        except KeyError:
            raise Refused(
                400, "INVALID_TYPE", f"sObject type '{self._sobject}' is not supported."
            ) from None
        fields = tuple(self._field(name) for name in names)
        test = self._either() if self._take("where") else _always
        order = self._orders() if self._take("order") else ()
        limit = int(self._kind("number")) if self._take("limit") else None
        offset = int(self._kind("number")) if self._take("offset") else 0
        if self._at < len(self._tokens):
            raise _malformed(self._tokens[self._at][1])
        return Query(fields, self._sobject, test, order, limit, offset)

    def _either(self) -> Test:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _all(self) -> Test:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self) -> Test:
        if self._take("not"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        name = self._field(self._word())
        type_ = str(self._fields[name]["type"])
        if self._take("in"):
            wanted = self._listed(name, type_)
            return lambda row: _held(row[name], type_) in wanted
        if self._take("not"):
            self._need("in")
            wanted = self._listed(name, type_)
            return lambda row: _held(row[name], type_) not in wanted
        if self._take("like"):
            pattern = _like(str(self._value(name, type_)))
            return lambda row: pattern.fullmatch(str(row[name] or "")) is not None
        operator = self._kind("sign")
        return _compared(name, type_, operator, self._value(name, type_))

    def _listed(self, name: str, type_: str) -> frozenset[Any]:
        self._need("(")
        values = [self._value(name, type_)]
        while self._take(","):
            values.append(self._value(name, type_))
        self._need(")")
        return frozenset(values)

    def _value(self, name: str, type_: str) -> Any:
        kind, text = self._next()
        value = _literal(kind, text)
        if value is None:
            return None
        wanted, called = _KINDS.get(type_, (str, "string"))
        if type(value) is not wanted:
            raise Refused(
                400,
                "INVALID_FIELD",
                f"value of filter criterion for field '{name}' must be of type {called}",
            )
        return _held(value, type_)

    def _orders(self) -> tuple[Order, ...]:
        self._need("by")
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        name = self._field(self._word())
        is_falling = not self._take("asc") and self._take("desc")
        nulls_first = True
        if self._take("nulls"):
            nulls_first = self._take("first")
            if not nulls_first:
                self._need("last")
        return Order(name, is_falling, nulls_first)

    def _field(self, name: str) -> str:
        if name not in self._fields:
            same = {known.lower(): known for known in self._fields}
            if name.lower() not in same:
                raise Refused(
                    400,
                    "INVALID_FIELD",
                    f"No such column '{name}' on entity '{self._sobject}'. If you are attempting "
                    "to use a custom field, be sure to append the '__c' after the custom field "
                    "name.",
                )
            return same[name.lower()]
        return name

    def _words(self) -> list[str]:
        words = [self._word()]
        while self._take(","):
            words.append(self._word())
        return words

    def _word(self) -> str:
        return self._kind("word")

    def _kind(self, wanted: str) -> str:
        kind, text = self._next()
        if kind != wanted:
            raise _malformed(text)
        return text

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _malformed("<EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, word: str) -> bool:
        is_next = self._at < len(self._tokens) and self._tokens[self._at][1].lower() == word
        self._at += is_next
        return is_next

    def _need(self, word: str) -> None:
        if not self._take(word):
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "<EOF>"
            raise _malformed(found)


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _malformed(text[at : at + 20])
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _malformed(token: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", f"unexpected token: '{token}'")


def _literal(kind: str, text: str) -> Any:
    if kind == "text":
        return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), text[1:-1])
    try:
        if kind == "instant":
            return datetime.fromisoformat(text).astimezone(UTC)
        if kind == "day":
            return date.fromisoformat(text)
    except ValueError:
        raise _malformed(text) from None
    if kind == "number":
        return Decimal(text)
    words = {"true": True, "false": False, "null": None}
    if kind != "word" or text.lower() not in words:
        raise _malformed(text)
    return words[text.lower()]


def _held(value: Any, type_: str) -> Any:
    """A value as it is compared: text whatever its case, ids whatever their length."""
    if not isinstance(value, str):
        return value
    if type_ in _IDS:
        try:
            return salesforce_id(value)
        except ValueError:
            return value
    return value.lower()


def _compared(name: str, type_: str, operator: str, wanted: Any) -> Test:
    if operator == "=":
        return lambda row: _held(row[name], type_) == wanted
    if operator in {"!=", "<>"}:
        return lambda row: _held(row[name], type_) != wanted
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise _malformed(operator)
    if wanted is None:
        raise Refused(400, "MALFORMED_QUERY", f"null can't be compared by {operator}")
    return lambda row: row[name] is not None and compare(_held(row[name], type_), wanted)


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": lambda held, wanted: bool(held < wanted),
    "<=": lambda held, wanted: bool(held <= wanted),
    ">": lambda held, wanted: bool(held > wanted),
    ">=": lambda held, wanted: bool(held >= wanted),
}


def _like(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _always(_: Mapping[str, Any]) -> bool:
    return True
