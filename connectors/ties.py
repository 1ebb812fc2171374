"""What ties the rows of a stream to a person: their own record, what they did, a mere link.

A row is a person's own where it is their record, or one of something that they did or that happened
to them. A record of something else, a deal or a campaign, may name a person: then the link goes and
the record stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.mapping import Fill, Value
from connectors.source_parts import DeclaredStream

_OF_OTHERS: Final = frozenset(
    {"deals", "accounts", "users", "campaigns", "spend", "exchange_rates", "deal_accounts"}
)
_PERSON: Final = "person"
_REFERENCES: Final[Mapping[str, str]] = {
    "touches": "person",
    "deal_persons": "person",
    "stage_changes": "subject",
    "owner_changes": "subject",
}


@dataclass(frozen=True)
class Reference:
    """A person's id in a row, where the column `kind_column` says that it is a person's.

    Of several columns it is the first that is present or, with `separator`, all of them joined.
    """

    columns: tuple[str, ...]
    separator: str | None = None
    words: Mapping[str, str] | None = None
    kind_column: str | None = None
    kinds: frozenset[str] = frozenset()

    def ids(self, rows: pa.Table) -> pa.ChunkedArray:
        """The ids in the rows, null where there is none."""
        parts = [_text(rows, name) for name in self.columns]
        if self.separator is not None:
            ids = pc.binary_join_element_wise(*parts, self.separator, null_handling="emit_null")
        else:
            ids = pc.coalesce(*parts)
        if self.words:
            words = self.words
            ids = pa.chunked_array([[words.get(id_, id_) for id_ in ids.to_pylist()]], pa.string())
        if self.kind_column is None:
            return ids
        of_persons = pc.is_in(_text(rows, self.kind_column), value_set=pa.array(sorted(self.kinds)))
        return pc.if_else(of_persons, ids, pa.scalar(None, pa.string()))


@dataclass(frozen=True)
class Ties:
    """How a stream's rows are tied to persons.

    `own`: the id of the person whose record a row is; `theirs`: of persons to whom a row belongs;
    `links`: columns in which a record of something else names a person. `addresses`: columns with
    addresses of the person whose record it is. `is_of_others`: its rows are records of something
    else.
    """

    own: Reference | None = None
    theirs: tuple[Reference, ...] = ()
    links: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    is_of_others: bool = False

    @property
    def references(self) -> tuple[Reference, ...]:
        """All by which a row is a person's own."""
        return (self.own, *self.theirs) if self.own else self.theirs

    @property
    def columns(self) -> frozenset[str]:
        """All columns that it takes to tell whose a row is."""
        found = {*self.links, *self.addresses}
        for reference in self.references:
            found |= {*reference.columns, *filter(None, [reference.kind_column])}
        return frozenset(found)


OF_OTHERS: Final = Ties(is_of_others=True)
"""Of records that are of something else than a person."""


def _a(*columns: str) -> tuple[Reference, ...]:
    return tuple(Reference((column,)) for column in columns)


_TO_CONTACTS: Final = Ties(
    theirs=(Reference(("to_id",), kind_column="to_type", kinds=frozenset({"contacts"})),)
)

_HUBSPOT: Final[Mapping[str, Ties]] = {
    "contacts": Ties(
        own=Reference(("id",)), addresses=("email", "hs_additional_emails")
    ),
    "contact_history": Ties(theirs=_a("contact_id")),
    "contact_associations": Ties(theirs=_a("from_id")),
    "deal_associations": _TO_CONTACTS,
    "call_associations": _TO_CONTACTS,
    "email_associations": _TO_CONTACTS,
    "meeting_associations": _TO_CONTACTS,
    "note_associations": _TO_CONTACTS,
    "task_associations": _TO_CONTACTS,
    "form_submissions": Ties(),
    "marketing_event_participations": Ties(theirs=_a("contact_id")),
    "email_events": Ties(),
    **dict.fromkeys(
        (
            "companies", "deals", "deal_history", "owners", "pipelines", "pipeline_stages",
            "properties", "calls", "emails", "meetings", "notes", "tasks", "campaigns",
            "campaign_spend", "campaign_assets", "marketing_emails", "forms", "marketing_events",
        ),
        OF_OTHERS,
    ),
}  # fmt: skip

_SALESFORCE: Final[Mapping[str, Ties]] = {
    "leads": Ties(own=Reference(("id",)), addresses=("email",)),
    "lead_history": Ties(theirs=_a("lead_id")),
    "contacts": Ties(own=Reference(("id",)), addresses=("email",)),
    "campaign_members": Ties(theirs=_a("lead_id", "contact_id")),
    "opportunities": Ties(links=("contact_id",), is_of_others=True),
    "opportunity_contact_roles": Ties(theirs=_a("contact_id")),
    "tasks": Ties(theirs=_a("who_id")),
    "events": Ties(theirs=_a("who_id")),
    **dict.fromkeys(
        (
            "accounts", "campaigns", "opportunity_history", "opportunity_field_history", "users",
            "user_roles", "currency_types", "dated_conversion_rates", "field_definitions",
        ),
        OF_OTHERS,
    ),
}  # fmt: skip

API_TIES: Final[Mapping[str, Mapping[str, Ties]]] = {"hubspot": _HUBSPOT, "salesforce": _SALESFORCE}
"""Of each stream of each kind of source that is read through an API."""

ENGAGEMENTS: Final[Mapping[str, str]] = {
    f"{one}_associations": f"{one}s" for one in ("call", "email", "meeting", "note", "task")
}
"""The streams of HubSpot that tell whose an engagement is, and that of the engagements."""


def ties_of(kind: str, stream: DeclaredStream) -> Ties:
    """How the rows of a stream of a source of this kind are tied to persons."""
    known = API_TIES.get(kind)
    return known[stream.name] if known is not None else _ties_of_fills(stream.fills)


def _ties_of_fills(fills: tuple[Fill, ...]) -> Ties:
    is_of_others = any(fill.entity in _OF_OTHERS for fill in fills)
    own = None
    theirs: list[Reference] = []
    links: list[str] = []
    found: list[str] = []
    for fill in fills:
        if fill.entity == "persons":
            own = _reference(fill.values["record_id"])
            for name in ("email", "other_emails"):
                found += fill.values[name].columns if name in fill.values else ()
        for reference in _references(fill):
            if is_of_others:
                links += reference.columns
            else:
                theirs.append(reference)
    return Ties(
        own=own,
        theirs=tuple(theirs),
        links=tuple(dict.fromkeys(links)),
        addresses=tuple(dict.fromkeys(found)),
        is_of_others=is_of_others and own is None,
    )


def _references(fill: Fill) -> Iterator[Reference]:
    name = "person" if fill.entity == "deals" else _REFERENCES.get(fill.entity)
    value = fill.values.get(name) if name else None
    if value is None or not value.columns:
        return
    kind = fill.values.get("subject_kind")
    if kind is None or kind.constant == _PERSON:
        yield _reference(value)
    elif kind.column is not None:
        words = {word for word, meaning in kind.words.items() if meaning == _PERSON}
        yield _reference(value, kind.column, frozenset(words or {_PERSON}))


def _reference(
    value: Value, kind_column: str | None = None, kinds: frozenset[str] = frozenset()
) -> Reference:
    return Reference(
        value.columns,
        separator=value.separator if value.join else None,
        words=value.words or None,
        kind_column=kind_column,
        kinds=kinds,
    )


def _text(rows: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in rows.column_names:
        return pa.chunked_array([pa.nulls(len(rows), pa.string())])
    return rows.column(name).cast(pa.string())
