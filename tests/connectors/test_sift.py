"""Of the rows of a stream, a forgotten person's are left out, and everybody else's stay whole."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import RawColumn, RawSchema
from connectors.entities import FieldType
from connectors.lake import raw_arrow_schema
from connectors.mapping import Fill
from connectors.sift import Sifted, Sifter
from connectors.source_parts import DeclaredStream, raw_schema
from connectors.sources import API_STREAMS
from connectors.suppression import FORGOTTEN, NOBODY, Identity, Suppression, SuppressionList
from connectors.ties import API_TIES, Ties, _ties_of_fills

ADDRESS = "anna@acme.example"


@pytest.fixture
def forgotten(tmp_path: Path) -> Suppression:
    return SuppressionList(tmp_path, {}).add(
        Identity(
            addresses=frozenset({ADDRESS}),
            persons=frozenset({("crm", "7")}),
            records=frozenset({("crm", "calls", "9"), ("crm", "contacts", "7")}),
        )
    )


def _api(kind: str, name: str) -> DeclaredStream:
    return next(stream for stream in API_STREAMS[kind] if stream.name == name)


def _sift(
    forgotten: Suppression, kind: str, name: str, rows: Sequence[Mapping[str, Any]]
) -> Sifted:
    stream = _api(kind, name)
    schema = raw_arrow_schema(raw_schema(stream.columns, stream.key))
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    return Sifter("crm", name, stream.key, API_TIES[kind][name]).sift(table, forgotten)


def _files(
    forgotten: Suppression,
    fills: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str] = ("id",),
) -> Sifted:
    names = dict.fromkeys(name for row in rows for name in row if not name.startswith("_"))
    columns = tuple(RawColumn(name, FieldType.TEXT) for name in names)
    schema = raw_arrow_schema(RawSchema(columns, tuple(key)))
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    ties = _ties_of_fills(tuple(Fill.model_validate(fill) for fill in fills))
    return Sifter("crm", "rows", key, ties).sift(table, forgotten)


def _ids(sifted: Sifted) -> list[Any]:
    return sifted.rows.column("_record_id").to_pylist()


@pytest.mark.parametrize("kind", list(API_STREAMS))
def test_it_is_said_of_every_stream_how_it_is_tied_to_persons(kind: str) -> None:
    assert API_TIES[kind].keys() == {stream.name for stream in API_STREAMS[kind]}


@pytest.mark.parametrize("kind", list(API_STREAMS))
def test_every_stream_that_fills_persons_says_what_their_id_and_addresses_are(kind: str) -> None:
    filling = [stream for stream in API_STREAMS[kind] if "persons" in stream.entities]
    ties = [API_TIES[kind][stream.name] for stream in filling]
    assert filling
    assert all(tie.own and tie.addresses for tie in ties)


@pytest.mark.parametrize("kind", list(API_STREAMS))
def test_every_column_that_ties_is_one_of_the_stream(kind: str) -> None:
    for stream in API_STREAMS[kind]:
        assert API_TIES[kind][stream.name].columns <= set(stream.columns)


def test_where_nobody_was_forgotten_rows_are_not_looked_at() -> None:
    table = pa.table({"anything": [1]})
    assert Sifter("crm", "rows", (), Ties()).sift(table, NOBODY).rows is table


def test_a_contact_is_known_by_id_by_address_and_by_another_address(forgotten: Suppression) -> None:
    found = _sift(
        forgotten,
        "hubspot",
        "contacts",
        [
            {"_record_id": "7", "id": "7", "email": "new@acme.example"},
            {"_record_id": "8", "id": "8", "email": "Anna@Acme.example"},
            {"_record_id": "9", "id": "9", "hs_additional_emails": f"x@y.example;{ADDRESS}"},
            {"_record_id": "10", "id": "10", "email": "ben@acme.example"},
        ],
    )
    assert (_ids(found), found.left_out, found.changed) == (["10"], 3, 0)


def test_a_deletion_of_theirs_is_left_out(forgotten: Suppression) -> None:
    rows = [{"_record_id": "7", "_deleted": True}, {"_record_id": "8", "_deleted": True}]
    assert _ids(_sift(forgotten, "hubspot", "contacts", rows)) == ["8"]


def test_a_colleagues_note_stays_without_the_address(forgotten: Suppression) -> None:
    extra = json.dumps({"notes": f"knows {ADDRESS}, phone 123", "phone": "123"})
    row = {"_record_id": "10", "id": "10", "email": "ben@acme.example", "_extra": extra}
    found = _sift(forgotten, "hubspot", "contacts", [row])
    assert found.changed == 1
    [left] = found.rows.to_pylist()
    assert json.loads(left["_extra"]) == {"notes": f"knows {FORGOTTEN}, phone 123", "phone": "123"}
    assert left["email"] == "ben@acme.example"


def test_what_a_contact_belonged_to_is_left_out_and_its_ends_too(forgotten: Suppression) -> None:
    link = {"from_id": "1", "category": "X", "type_id": 3}
    found = _sift(
        forgotten,
        "hubspot",
        "deal_associations",
        [
            {"_record_id": "1|contacts|7|X|3", "to_type": "contacts", "to_id": "7", **link},
            {"_record_id": "1|companies|7|X|3", "to_type": "companies", "to_id": "7", **link},
            {"_record_id": "1|contacts|8|X|3", "to_type": "contacts", "to_id": "8", **link},
            {"_record_id": "2|contacts|7|X|3", "_deleted": True},
            {"_record_id": "2|contacts|8|X|3", "_deleted": True},
        ],
    )
    assert _ids(found) == ["1|companies|7|X|3", "1|contacts|8|X|3", "2|contacts|8|X|3"]


def test_a_call_with_them_alone_is_left_out_by_its_id(forgotten: Suppression) -> None:
    rows = [{"_record_id": "9", "id": "9"}, {"_record_id": "10", "id": "10"}]
    assert _ids(_sift(forgotten, "hubspot", "calls", rows)) == ["10"]


def test_what_they_did_is_left_out_by_their_address(forgotten: Suppression) -> None:
    rows = [
        {"_record_id": "a|1", "id": "a", "recipient": ADDRESS},
        {"_record_id": "b|1", "id": "b", "recipient": "ben@acme.example"},
        {"_record_id": "c|1", "id": "c", "recipient": "ben@acme.example", "url": f"?{ADDRESS}"},
    ]
    found = _sift(forgotten, "hubspot", "email_events", rows)
    assert _ids(found) == ["b|1", "c|1"]
    assert found.rows.column("url").to_pylist() == [None, f"?{FORGOTTEN}"]


def test_a_deal_stays_and_the_link_to_them_goes(forgotten: Suppression) -> None:
    rows = [
        {"_record_id": "o1", "id": "o1", "contact_id": "7", "name": f"Deal of {ADDRESS}"},
        {"_record_id": "o2", "id": "o2", "contact_id": "8", "name": "Other"},
    ]
    found = _sift(forgotten, "salesforce", "opportunities", rows)
    assert (found.left_out, found.changed) == (0, 1)
    assert found.rows.column("contact_id").to_pylist() == [None, "8"]
    assert found.rows.column("name").to_pylist() == [f"Deal of {FORGOTTEN}", "Other"]


def test_what_is_in_quarantine_is_left_out_by_what_its_json_says(forgotten: Suppression) -> None:
    rejected = {"_reject_reason": "unparseable", "_reject_detail": "x"}
    rows = [
        {"_record_id": None, "_extra": json.dumps({"WhoId": 1, "who_id": "7"}), **rejected},
        {"_record_id": "t2", "_extra": json.dumps({"note": f"to {ADDRESS}"}), **rejected},
        {"_record_id": "t3", "_extra": "{}", **rejected, "_reject_detail": f"'{ADDRESS}' as x"},
        {"_record_id": "t4", "_extra": json.dumps({"who_id": "8"}), **rejected},
        {"_record_id": "t5", "_extra": "no json", **rejected},
    ]
    assert _ids(_sift(forgotten, "salesforce", "tasks", rows)) == ["t4", "t5"]


def test_in_quarantine_an_odd_address_is_known_where_it_stands_alone() -> None:
    odd = "o'brien;--%x@acme.example"
    forgotten = Suppression.of(b"a key of this test", Identity(frozenset({odd})))
    people = {"entity": "persons", "values": {"record_id": "id", "email": "email"}}
    rejected = {"id": None, "email": None, "_reject_reason": "unparseable"}
    rows = [
        {**rejected, "_record_id": "32", "_extra": json.dumps({"email": odd})},
        {**rejected, "_record_id": "33", "_extra": json.dumps({"email": "b@acme.example"})},
    ]
    assert _ids(_files(forgotten, [people], rows)) == ["33"]


def test_a_file_of_deals_keeps_the_deal_and_loses_the_person(forgotten: Suppression) -> None:
    fills = [{"entity": "deals", "values": {"record_id": "id", "person": "lead", "stage": "s"}}]
    rows = [
        {"_record_id": "7", "id": "7", "lead": "7", "s": "won"},
        {"_record_id": "8", "id": "8", "lead": "8", "s": "won"},
    ]
    found = _files(forgotten, fills, rows)
    assert found.rows.column("lead").to_pylist() == [None, "8"]
    assert _ids(found) == ["7", "8"]


def test_a_deal_that_only_the_person_tells_apart_goes_with_them(forgotten: Suppression) -> None:
    fills = [{"entity": "deals", "values": {"record_id": "lead", "person": "lead", "stage": "s"}}]
    rows = [{"_record_id": "7", "lead": "7", "s": "won"}, {"_record_id": "8", "lead": "8"}]
    assert _ids(_files(forgotten, fills, rows, key=["lead"])) == ["8"]


def test_a_change_of_a_deal_with_the_same_id_is_nobodys(forgotten: Suppression) -> None:
    subject = {"subject_kind": {"column": "kind", "words": {"Lead": "person", "Opp": "deal"}}}
    values = {**subject, "subject": "of", "stage": "s", "changed_at": "at"}
    rows = [
        {"_record_id": "1", "kind": "Lead", "of": "7", "s": "x", "at": "1"},
        {"_record_id": "2", "kind": "Opp", "of": "7", "s": "x", "at": "1"},
    ]
    fills = [{"entity": "stage_changes", "values": values}]
    assert _ids(_files(forgotten, fills, rows)) == ["2"]


def test_ids_that_are_joined_or_the_first_present_are_put_together(forgotten: Suppression) -> None:
    joined = {"record_id": {"join": ["a", "b"], "with": ""}, "kind": {"constant": "call"}}
    joined |= {"person": {"first_of": ["p", "q"]}, "occurred_at": "at"}
    rows = [
        {"_record_id": "1", "p": None, "q": "7"},
        {"_record_id": "2", "p": "8", "q": "7"},
    ]
    assert _ids(_files(forgotten, [{"entity": "touches", "values": joined}], rows)) == ["2"]


def test_a_row_whose_key_is_the_address_is_left_out_of_any_file(forgotten: Suppression) -> None:
    fills = [{"entity": "accounts", "values": {"record_id": "id"}}]
    rows = [{"_record_id": f"x {ADDRESS}", "id": f"x {ADDRESS}"}, {"_record_id": "2", "id": "2"}]
    assert _ids(_files(forgotten, fills, rows)) == ["2"]


def test_another_sources_person_with_the_same_id_is_somebody_else(forgotten: Suppression) -> None:
    stream = _api("hubspot", "contacts")
    schema = raw_arrow_schema(raw_schema(stream.columns, stream.key))
    table = pa.Table.from_pylist([{"_record_id": "7", "id": "7"}], schema=schema)
    sifter = Sifter("marketing", "contacts", stream.key, API_TIES["hubspot"]["contacts"])
    assert sifter.sift(table, forgotten).left_out == 0
