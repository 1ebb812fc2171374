"""What `POST /crm/v3/objects/{type}/search` finds."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.kinds import Kind, milliseconds_in
from connectors.sandbox.hubspot.records import (
    Records,
    SearchIndex,
    Snapshot,
    place_of,
    system_value,
)
from connectors.sandbox.hubspot.refusals import invalid

CAP: Final = 10_000
"""No search goes beyond so many records."""

_MOST_GROUPS: Final = 5
_MOST_FILTERS: Final = 10
_MOST_FILTERS_IN_ALL: Final = 25
_LONGEST_PAGE: Final = 200
_FAR: Final = 1 << 46
_TIMES: Final = ("date", "datetime")

Comparable = float | int | str
Predicate = Callable[[Snapshot], bool]


@dataclass(frozen=True)
class Filter:
    """A condition; `low` and `high` bound what it lets through where it is a range."""

    name: str
    operator: str
    value: Comparable
    high: Comparable
    values: tuple[Comparable, ...]


@dataclass(frozen=True)
class Search:
    """What is searched for: any of the groups, all filters of a group."""

    groups: tuple[tuple[Filter, ...], ...]
    sort: str | None
    is_descending: bool
    limit: int
    after: int
    properties: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A page of what was found, and how many records there are in all."""

    page: list[Snapshot]
    total: int


def read_search(body: object, kind: Kind, properties: Mapping[str, Property]) -> Search:
    """A search as its body asks for it; raises Refused where it makes no sense."""
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: an object is expected")
    limit, after = _number(body, "limit", 10), _number(body, "after", 0)
    if not 0 < limit <= _LONGEST_PAGE:
        raise invalid(f"limit must be between 1 and {_LONGEST_PAGE}, not {limit}")
    if after + limit > CAP:
        raise invalid(
            f"There was a problem with the request: after + limit is beyond {CAP} results"
        )
    groups = body.get("filterGroups") or []
    if body.get("filters"):
        groups = [*groups, {"filters": body["filters"]}]
    filters = tuple(
        tuple(_filter(f, kind, properties) for f in group.get("filters") or []) for group in groups
    )
    if len(groups) > _MOST_GROUPS:
        raise invalid(f"too many filter groups: {len(groups)}, max is {_MOST_GROUPS}")
    if any(len(group) > _MOST_FILTERS for group in filters):
        raise invalid(f"too many filters in a group, max is {_MOST_FILTERS}")
    if sum(map(len, filters)) > _MOST_FILTERS_IN_ALL:
        raise invalid(f"too many filters, max is {_MOST_FILTERS_IN_ALL}")
    sort, is_descending = _sort(body.get("sorts") or [], kind, properties)
    names = tuple(body.get("properties") or kind.default_properties)
    return Search(filters, sort, is_descending, limit, after, names)


def _number(body: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(body.get(name) or default)
    except (TypeError, ValueError):
        raise invalid(f"{name} is no number: {body[name]!r}") from None


def _sort(
    sorts: Sequence[object], kind: Kind, properties: Mapping[str, Property]
) -> tuple[str | None, bool]:
    if len(sorts) > 1:
        raise invalid(f"too many sorts: {len(sorts)}, max is 1")
    if not sorts:
        return None, False
    [one] = sorts
    told = one if isinstance(one, dict) else {"propertyName": str(one)}
    name = str(told.get("propertyName"))
    if name not in properties:
        raise _no_property(name, kind)
    return name, told.get("direction") == "DESCENDING"


def _no_property(name: str, kind: Kind) -> Exception:
    return invalid(f'Property "{name}" does not exist for {kind.singular}', "VALIDATION_ERROR")


def _filter(told: Mapping[str, Any], kind: Kind, properties: Mapping[str, Property]) -> Filter:
    name, operator = str(told.get("propertyName")), str(told.get("operator"))
    if name not in properties:
        raise _no_property(name, kind)
    if operator not in _OPERATORS:
        raise invalid(f"operator {operator} is not one of {', '.join(sorted(_OPERATORS))}")
    type_ = properties[name].type
    needs = _NEEDS.get(operator, ("value",))
    for field in needs:
        if told.get(field) in (None, "", []):
            raise invalid(f"{operator} on {name} needs {field}")
    return Filter(
        name,
        operator,
        _comparable(told.get("value", "") if "value" in needs else "", type_, name),
        _comparable(told.get("highValue", "") if "highValue" in needs else "", type_, name),
        tuple(_comparable(v, type_, name) for v in told.get("values") or [])
        if "values" in needs
        else (),
    )


def _comparable(value: object, type_: str, name: str) -> Comparable:
    text = str(value)
    if not text:
        return ""
    try:
        if type_ in _TIMES:
            return milliseconds_in(text)
        if type_ == "number":
            return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        raise invalid(f"{text!r} is no valid {type_} for {name}") from None
    return text.lower()


_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "BETWEEN": ("value", "highValue"),
    "IN": ("values",),
    "NOT_IN": ("values",),
    "HAS_PROPERTY": (),
    "NOT_HAS_PROPERTY": (),
}
# Each is asked with what the record has, or None.
_OPERATORS: Final[Mapping[str, Callable[[Any, Filter], bool]]] = {
    "EQ": lambda own, f: own == f.value,
    "NEQ": lambda own, f: own is not None and own != f.value,
    "LT": lambda own, f: own is not None and own < f.value,
    "LTE": lambda own, f: own is not None and own <= f.value,
    "GT": lambda own, f: own is not None and own > f.value,
    "GTE": lambda own, f: own is not None and own >= f.value,
    "BETWEEN": lambda own, f: own is not None and f.value <= own <= f.high,
    "IN": lambda own, f: own in f.values,
    "NOT_IN": lambda own, f: own is not None and own not in f.values,
    "HAS_PROPERTY": lambda own, _: own is not None,
    "NOT_HAS_PROPERTY": lambda own, _: own is None,
}


def find(records: Records, properties: Mapping[str, Property], search: Search) -> Found:
    """The page of records that a search asks for, in its order, ties by id."""
    kind, index = records.kind, records.index
    low, high, rest = 0, _FAR, search.groups
    if len(search.groups) == 1:
        low, high, left = _bounds(search.groups[0], kind)
        rest = (left,) if left else ()
    start = bisect_left(index.places, place_of(low))
    end = bisect_left(index.places, place_of(high))
    if not rest and search.sort == kind.modified:
        return _slice(index, start, end, search)
    some = (index.at(place) for place in index.places[start:end])
    tests = [[_test(kind, properties, f) for f in group] for group in rest]
    found = [s for s in some if not tests or any(all(t(s) for t in group) for group in tests)]
    _order(found, kind, properties, search)
    return Found(found[search.after : search.after + search.limit], len(found))


def _slice(index: SearchIndex, start: int, end: int, search: Search) -> Found:
    if search.is_descending:
        last = end - search.after
        chosen = index.places[max(last - search.limit, start) : max(last, start)][::-1]
    else:
        first = start + search.after
        chosen = index.places[first : min(first + search.limit, end)]
    return Found([index.at(place) for place in chosen], end - start)


def _bounds(group: Sequence[Filter], kind: Kind) -> tuple[int, int, tuple[Filter, ...]]:
    """From which time of modification to which (not included), and the filters beside that."""
    low, high, rest = 0, _FAR, []
    for one in group:
        value = one.value if isinstance(one.value, int) else 0
        upper = one.high if isinstance(one.high, int) else 0
        wanted = {
            "EQ": (value, value + 1),
            "GTE": (value, _FAR),
            "GT": (value + 1, _FAR),
            "LTE": (0, value + 1),
            "LT": (0, value),
            "BETWEEN": (value, upper + 1),
        }.get(one.operator)
        if one.name != kind.modified or wanted is None:
            rest.append(one)
        else:
            low, high = max(low, wanted[0]), min(high, wanted[1])
    return min(low, _FAR), max(high, 0), tuple(rest)


def _test(kind: Kind, properties: Mapping[str, Property], one: Filter) -> Predicate:
    holds, value = _OPERATORS[one.operator], _reader(kind, properties, one.name)
    return lambda snapshot: holds(value(snapshot), one)


def _reader(
    kind: Kind, properties: Mapping[str, Property], name: str
) -> Callable[[Snapshot], Comparable | None]:
    """How to read a property of a record as something that compares."""
    if name == "hs_object_id":
        return lambda snapshot: snapshot.id
    if name == kind.modified:
        return lambda snapshot: snapshot.modified
    if name in (kind.created, "hs_createdate"):
        return lambda snapshot: snapshot.created
    type_ = properties[name].type

    def read(snapshot: Snapshot) -> Comparable | None:
        text = system_value(kind, name, snapshot) or snapshot.values.get(name)
        return None if not text else _stored(text, type_)

    return read


def _stored(text: str, type_: str) -> Comparable | None:
    try:
        if type_ in _TIMES:
            return milliseconds_in(text)
        if type_ == "number":
            return float(text)
    except ValueError:
        return None  # Written while the property had another type.
    return text.lower()


def _order(
    found: list[Snapshot], kind: Kind, properties: Mapping[str, Property], search: Search
) -> None:
    found.sort(key=lambda snapshot: snapshot.id)
    if search.sort is None:
        found.sort(key=lambda snapshot: snapshot.created)
        return
    read = _reader(kind, properties, search.sort)

    def key(snapshot: Snapshot) -> tuple[bool, Any]:
        own = read(snapshot)
        return (own is None) != search.is_descending, 0 if own is None else own

    found.sort(key=key, reverse=search.is_descending)
