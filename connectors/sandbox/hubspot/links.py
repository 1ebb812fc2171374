"""Associations between records: which, and by what types and labels."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

PRIMARY: Final = "Primary"

# The ids that HubSpot gives the plain association from one type to another, and back.
_PLAIN: Final = {
    ("contacts", "companies"): (279, 280),
    ("contacts", "deals"): (4, 3),
    ("deals", "companies"): (341, 342),
    ("contacts", "contacts"): (449, 449),
    ("companies", "companies"): (450, 450),
    ("deals", "deals"): (451, 451),
}
# Those of engagements, with contacts, companies and deals.
_PLAIN_OF_ENGAGEMENTS: Final = {
    "calls": ((194, 193), (182, 181), (206, 205)),
    "emails": ((198, 197), (186, 185), (210, 209)),
    "meetings": ((200, 199), (188, 187), (212, 211)),
    "notes": ((202, 201), (190, 189), (214, 213)),
    "tasks": ((204, 203), (192, 191), (216, 215)),
}
_PRIMARY_IDS: Final = {("contacts", "companies"): (1, 2), ("deals", "companies"): (5, 6)}


@dataclass(frozen=True, order=True)
class LinkType:
    """A type of association in one direction."""

    category: str
    type_id: int
    label: str | None = None


Pair = tuple[str, str]


class Links:
    """All associations, each kept in both directions. Not safe between threads by itself."""

    def __init__(self) -> None:
        self.types: dict[Pair, list[LinkType]] = defaultdict(list)
        self._inverse: dict[tuple[Pair, LinkType], LinkType] = {}
        self._to: dict[Pair, dict[int, dict[int, tuple[LinkType, ...]]]] = defaultdict(dict)
        self._own_ids = 0
        for pair, ids in _PLAIN.items():
            self._define(pair, "HUBSPOT_DEFINED", ids, (None, None))
        for kind, all_ids in _PLAIN_OF_ENGAGEMENTS.items():
            for to, ids in zip(("contacts", "companies", "deals"), all_ids, strict=True):
                self._define((kind, to), "HUBSPOT_DEFINED", ids, (None, None))
        for pair, ids in _PRIMARY_IDS.items():
            self._define(pair, "HUBSPOT_DEFINED", ids, (PRIMARY, PRIMARY))

    def _define(
        self, pair: Pair, category: str, ids: tuple[int, int], labels: tuple[str | None, str | None]
    ) -> LinkType:
        there, back = (LinkType(category, ids[n], labels[n]) for n in (0, 1))
        reverse = (pair[1], pair[0])
        for way, one, other in ((pair, there, back), (reverse, back, there)):
            if one not in self.types[way]:
                self.types[way].append(one)
            self._inverse[way, one] = other
        return there

    def define_label(self, from_: str, to: str, label: str, inverse: str | None = None) -> LinkType:
        """A label of the portal's own, and what it is called the other way round."""
        self._own_ids += 2
        ids = (self._own_ids - 1, self._own_ids)
        return self._define((from_, to), "USER_DEFINED", ids, (label, inverse or label))

    def type_of(self, from_: str, to: str, label: str | None) -> LinkType:
        """The type of a label (None: the plain one); KeyError where it is not defined."""
        for known in self.types[from_, to]:
            if known.label == label:
                return known
        raise KeyError(f"no label {label!r} from {from_} to {to}: define_label makes one")

    def associate(self, from_: str, id_: int, to: str, to_id: int, *labels: str) -> None:
        """Associate two records plainly, and by labels; one company alone is the primary one."""
        for label in (None, *labels):
            one = self.type_of(from_, to, label)
            if label == PRIMARY:
                self._end_primary(from_, id_, to)
            self._add((from_, to), id_, to_id, one)
            self._add((to, from_), to_id, id_, self._inverse[(from_, to), one])

    def _end_primary(self, from_: str, id_: int, to: str) -> None:
        for other in self.of(from_, id_, to):
            self.end_label(from_, id_, to, other, PRIMARY)

    def _add(self, pair: Pair, id_: int, to_id: int, one: LinkType) -> None:
        others = self._to[pair].setdefault(id_, {})
        types = others.get(to_id, ())
        if one not in types:
            others[to_id] = tuple(sorted((*types, one), key=lambda t: (t.category, t.type_id)))

    def end_label(self, from_: str, id_: int, to: str, to_id: int, label: str) -> None:
        """Take one label off an association, which stays."""
        one = self.type_of(from_, to, label)
        for pair, here, there, type_ in (
            ((from_, to), id_, to_id, one),
            ((to, from_), to_id, id_, self._inverse[(from_, to), one]),
        ):
            others = self._to[pair].get(here, {})
            if there in others:
                others[there] = tuple(t for t in others[there] if t != type_)

    def dissociate(self, from_: str, id_: int, to: str, to_id: int) -> None:
        """End an association with all its labels."""
        self._to[from_, to].get(id_, {}).pop(to_id, None)
        self._to[to, from_].get(to_id, {}).pop(id_, None)

    def of(self, from_: str, id_: int, to: str) -> dict[int, tuple[LinkType, ...]]:
        """The records of type `to` that a record is associated with, by id, with the types."""
        return dict(sorted(self._to[from_, to].get(id_, {}).items()))

    def move(self, kind: str, loser: int, survivor: int) -> None:
        """Give one record's associations to another of its type."""
        for pair in [pair for pair in self._to if pair[0] == kind]:
            for other, types in self.of(kind, loser, pair[1]).items():
                if (pair[1], other) != (kind, survivor):
                    for one in types:
                        self._move_one(pair, survivor, other, one)
        self.remove(kind, loser)

    def _move_one(self, pair: Pair, survivor: int, other: int, one: LinkType) -> None:
        has_primary = any(
            t.label == PRIMARY
            for types in self.of(pair[0], survivor, pair[1]).values()
            for t in types
        )
        if one.label == PRIMARY and has_primary:
            return
        self._add(pair, survivor, other, one)
        self._add((pair[1], pair[0]), other, survivor, self._inverse[pair, one])

    def remove(self, kind: str, id_: int) -> None:
        """End every association of a record."""
        for pair in [pair for pair in self._to if pair[0] == kind]:
            for other in self._to[pair].pop(id_, {}):
                self._to[pair[1], kind].get(other, {}).pop(id_, None)
