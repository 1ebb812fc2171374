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
_ANY: Final = (0, _FAR)
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
    group = search.groups[0] if len(search.groups) == 1 else ()
    modified, ids = _bounds(group, kind.modified), _bounds(group, "hs_object_id")
    is_plain = len(search.groups) < 2 and all(  # noqa: PLR2004 - one group
        one.name in (kind.modified, "hs_object_id") and one.operator in _RANGES for one in group
    )
    found = _in_order(index, kind, search, modified, ids) if is_plain else None
    if found is not None:
        return found
    start = bisect_left(index.places, place_of(modified[0]))
    end = bisect_left(index.places, place_of(modified[1]))
    some = (index.at(place) for place in index.places[start:end])
    tests = [[_test(kind, properties, f) for f in group] for group in search.groups]
    matching = [s for s in some if not tests or any(all(t(s) for t in group) for group in tests)]
    _order(matching, kind, properties, search)
    return Found(matching[search.after : search.after + search.limit], len(matching))


_Range = tuple[int, int]


def _in_order(
    index: SearchIndex, kind: Kind, search: Search, modified: _Range, ids: _Range
) -> Found | None:
    """What a search finds in one piece in an order that is kept; None where it does not."""
    is_any_id, is_any_time = ids == _ANY, modified == _ANY
    if search.sort == kind.modified and is_any_id:
        low, high = place_of(modified[0]), place_of(modified[1])
    elif search.sort in (kind.modified, "hs_object_id") and modified[1] - modified[0] == 1:
        low, high = place_of(modified[0], ids[0]), place_of(modified[0], ids[1])
    elif search.sort == "hs_object_id" and is_any_time:
        start, end = (bisect_left(index.ids, id_) for id_ in ids)
        page = _slice(index.ids, start, end, search)
        return Found([index.found[id_] for id_ in page], max(end - start, 0))
    else:
        return None
    start, end = bisect_left(index.places, low), bisect_left(index.places, high)
    page = _slice(index.places, start, end, search)
    return Found([index.at(place) for place in page], max(end - start, 0))


def _slice(keys: Sequence[int], start: int, end: int, search: Search) -> Sequence[int]:
    if search.is_descending:
        last = end - search.after
        return keys[max(last - search.limit, start) : max(last, start)][::-1]
    first = start + search.after
    return keys[first : max(min(first + search.limit, end), first)]


_RANGES: Final = ("EQ", "GTE", "GT", "LTE", "LT", "BETWEEN")


def _bounds(group: Sequence[Filter], name: str) -> _Range:
    """From which value of a property of whole numbers to which (not included)."""
    low, high = _ANY
    for one in group:
        if one.name != name or one.operator not in _RANGES:
            continue
        value, upper = int(one.value), int(one.high or 0)
        wanted = {
            "EQ": (value, value + 1),
            "GTE": (value, high),
            "GT": (value + 1, high),
            "LTE": (low, value + 1),
            "LT": (low, value),
            "BETWEEN": (value, upper + 1),
        }[one.operator]
        low, high = max(low, wanted[0]), min(high, wanted[1])
    return min(low, _FAR), max(high, 0)


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
    found.sort(key=lambda snapshot: snapshot.id, reverse=search.is_descending)
    if search.sort is None:
        found.sort(key=lambda snapshot: snapshot.created)
        return
    read = _reader(kind, properties, search.sort)

    def key(snapshot: Snapshot) -> tuple[bool, Any]:
        own = read(snapshot)
        return (own is None) != search.is_descending, 0 if own is None else own

    found.sort(key=key, reverse=search.is_descending)
