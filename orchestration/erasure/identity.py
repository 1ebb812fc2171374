"""Who a person is: all ids and addresses by which the company's systems know them."""

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import duckdb
import pyarrow as pa

from connectors.lake import present_table, raw_rows
from connectors.lake_erasure import rows_of
from connectors.mailbox import mailbox, one_spelling
from connectors.scratch import scratch
from connectors.sift import Sifter
from connectors.suppression import Identity
from connectors.ties import ENGAGEMENTS
from orchestration.company import Company
from orchestration.loading.load import sifter_of
from orchestration.warehouse.connection import read_warehouse

_BETWEEN_ADDRESSES: Final = re.compile(r"[;,]")

Person = tuple[str, str]
"""A source, and the id of a person there."""


@dataclass(frozen=True)
class _Borne:
    """A record of a person that bears an address (None: none)."""

    person: Person
    record: tuple[str, str, str]
    mailbox: str | None


def find(company: Company, given: Collection[str]) -> Identity:
    """Everybody who bears one of these addresses, and what else they are known by.

    Records are one person's where one bears a given address, where the warehouse as last built says
    so by a merge, a conversion, a shared id or an address, and where one bears an address that
    nobody else bears. A phone number alone ties nobody: colleagues share it.

    Raises WarehouseBusy while a run holds the warehouse.
    """
    wanted = frozenset(one_spelling(address) for address in given)
    persons: frozenset[Person] = frozenset()
    while True:
        found = persons | {b.person for b in _borne(company, mailboxes=wanted)}
        found |= _same_person(company, found)
        theirs = {b.mailbox for b in _borne(company, persons=found) if b.mailbox} - wanted
        bearers = [b for b in _borne(company, mailboxes=theirs) if b.person not in found]
        others = _joined(company, frozenset(b.person for b in bearers))
        added = theirs - {b.mailbox for b in bearers if b.person in others}
        if found == persons and not added:
            break
        persons, wanted = found, wanted | added
    records = frozenset(b.record for b in _borne(company, persons=persons))
    identity = Identity(addresses=wanted, persons=persons, records=records)
    return replace(identity, records=records | _engagements(company, persons))


def _borne(
    company: Company,
    *,
    persons: AbstractSet[Person] = frozenset(),
    mailboxes: AbstractSet[str] = frozenset(),
) -> Iterator[_Borne]:
    """Of all person records in the lake, each version of them: those of these persons, and those
    that bear one of these.
    """
    if not persons and not mailboxes:
        return
    for source in company.sources.sources:
        for stream in source.streams:
            sifter = sifter_of(source, stream.name)
            found = present_table(company.lake, source.name, stream.name)
            if sifter.ties.own is None or found is None:
                continue
            for rows in rows_of(found[1]):
                for borne in _borne_in(sifter, rows):
                    if borne.person in persons or borne.mailbox in mailboxes:
                        yield borne


def _borne_in(sifter: Sifter, rows: pa.Table) -> Iterator[_Borne]:
    own = sifter.ties.own
    if own is None or not len(rows):
        return
    told = sifter.told(rows)
    ids = own.ids(told).to_pylist()
    columns = [told.column(name).to_pylist() for name in sifter.ties.addresses]
    for id_, record_id, *texts in zip(
        ids, told.column("_record_id").to_pylist(), *columns, strict=True
    ):
        if id_ is None and record_id is None:
            continue
        person = (sifter.source, str(id_ if id_ is not None else record_id))
        record = (sifter.source, sifter.stream, str(record_id))
        yield _Borne(person, record, None)
        for text in texts:
            for part in _BETWEEN_ADDRESSES.split(text or ""):
                if part.strip():
                    yield _Borne(person, record, mailbox(part) or one_spelling(part))


def _same_person(company: Company, persons: frozenset[Person]) -> frozenset[Person]:
    """Those whom the warehouse takes for the same people, by more than a phone number."""
    records = _warehouse_rows(
        company,
        persons,
        """
        with theirs as (
            select bridge.prospect_id
            from marts.bridge_record_prospect as bridge
            inner join asked
                on bridge.source = asked.source and bridge.source_record_id = asked.id
            group by bridge.prospect_id
        )
        select bridge.person_key, bridge.source, bridge.source_record_id
        from marts.bridge_record_prospect as bridge
        inner join theirs on bridge.prospect_id = theirs.prospect_id
        """,
    )
    links = _warehouse_rows(
        company,
        frozenset((key, "") for key, _, _ in records),
        """
        select edges.person_key, edges.other_key, edges.rule
        from intermediate.int_identity_edge as edges
        inner join asked as one on edges.person_key = one.source
        inner join asked as other on edges.other_key = other.source
        where edges.rule <> 'phone'
        """,
    )
    keys = {key: (source, id_) for key, source, id_ in records}
    reached = {key for key, person in keys.items() if person in persons}
    while more := {
        end
        for one, other, _ in links
        for end in (one, other)
        if (one in reached or other in reached) and end not in reached
    }:
        reached |= more
    return frozenset(keys[key] for key in reached)


def _joined(company: Company, persons: frozenset[Person]) -> frozenset[Person]:
    """Those of whom the warehouse knows whose records they are."""
    found = _warehouse_rows(
        company,
        persons,
        """
        select bridge.source, bridge.source_record_id, bridge.prospect_id
        from marts.bridge_record_prospect as bridge
        inner join asked on bridge.source = asked.source and bridge.source_record_id = asked.id
        """,
    )
    return frozenset((source, id_) for source, id_, _ in found)


def _warehouse_rows(
    company: Company, asked: frozenset[tuple[str, str]], query: str
) -> list[tuple[str, str, str]]:
    """What the warehouse says of those asked about; nothing where it is not built."""
    if not asked or not company.warehouse.exists():
        return []
    listed = sorted(asked)
    with read_warehouse(company.warehouse) as connection:
        connection.register(
            "asked",
            pa.table({"source": [one for one, _ in listed], "id": [other for _, other in listed]}),
        )
        try:
            found: list[tuple[str, str, str]] = connection.execute(query).fetchall()
        except duckdb.CatalogException:
            return []
    return found


def _engagements(company: Company, persons: frozenset[Person]) -> frozenset[tuple[str, str, str]]:
    """Calls, emails, meetings, notes and tasks in HubSpot that no other contact has part in."""
    found = set[tuple[str, str, str]]()
    for source in company.sources.sources:
        theirs = sorted(id_ for name, id_ in persons if name == source.name)
        if source.kind != "hubspot" or not theirs:
            continue
        for links, engagements in ENGAGEMENTS.items():
            with scratch() as connection:
                if raw_rows(connection, company.lake, source.name, links) is None:
                    continue
                connection.register("theirs", pa.table({"id": theirs}))
                alone = connection.execute(
                    "select from_id from raw where to_type = 'contacts' group by from_id "
                    "having bool_and(to_id in (select id from theirs))"
                ).fetchall()
            found |= {(source.name, engagements, str(id_)) for (id_,) in alone}
    return frozenset(found)
