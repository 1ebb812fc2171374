"""Who owned a person or a deal, and since when, as HubSpot and Salesforce tell it."""

from typing import Any

import pytest

from tests.dbt_project.api_records import day, given, open_warehouse, table, version
from tests.dbt_project.compiled import CompiledProject, Database

ANN, BEN, QUEUE = "005000000000001AAA", "005000000000002AAA", "00G000000000001AAA"


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    open_warehouse(database)
    database.fill("agreement.settings", [{"max_group_size": 50, "time_zone": "UTC"}])
    return database


def in_hubspot(database: Database, **streams: list[dict[str, Any]]) -> None:
    given(database, "salesforce")
    given(database, "hubspot", **streams)


def in_salesforce(database: Database, **streams: list[dict[str, Any]]) -> None:
    given(database, "hubspot")
    given(database, "salesforce", **streams)


def record(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("crm", record_id, id=record_id, **fields)


def owned(kind: str, subject: str, owner: str | None, on: int, **fields: Any) -> dict[str, Any]:
    """A version in the history of the owner of a contact or a deal in HubSpot."""
    told = {f"{kind}_id": subject, "property": "hubspot_owner_id", "value": owner, "nth": 0}
    return version("crm", f"{subject}|hubspot_owner_id|{on}", changed_at=day(on), **told, **fields)


def moved(subject: dict[str, str], old: str, new: str, on: int) -> dict[str, Any]:
    """A row of a history in Salesforce: the owner went from `old` to `new`."""
    [record_id] = subject.values()
    fields = {"field": "Owner", "old_value": old, "new_value": new, "created_by_id": BEN}
    return record(f"{record_id}h{on}{new}", created_date=day(on), **subject, **fields)


def changes(database: Database, columns: str = "") -> list[Any]:
    asked = f"subject_kind, subject, owner, changed_at{columns}"
    kind = "hubspot" if database.rows("select 1 from {bound_hubspot__contacts}") else "salesforce"
    return table(database, f"int_{kind}__owner_changes", asked, "subject_kind, subject, changed_at")


def test_each_version_of_a_contacts_owner_in_hubspot_is_a_change(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        owners=[record("7", user_id="70")],
        contacts=[record("1", hubspot_owner_id="8")],
        contact_history=[
            owned("contact", "1", "7", 1, updated_by_user_id="70"),
            owned("contact", "1", "8", 4),
        ],
    )
    assert changes(warehouse, ", changed_by") == [
        ("person", "1", "7", day(1), "7"),
        ("person", "1", "8", day(4), None),
    ]


def test_a_contact_left_to_nobody_in_hubspot_is_a_change(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        contacts=[record("1")],
        contact_history=[owned("contact", "1", "7", 1), owned("contact", "1", "", 4)],
    )
    assert changes(warehouse)[-1] == ("person", "1", None, day(4))


def test_a_contact_and_a_deal_of_one_id_in_hubspot_change_hands_apart(warehouse: Database) -> None:
    in_hubspot(
        warehouse,
        contacts=[record("1", hubspot_owner_id="7")],
        deals=[record("1", hubspot_owner_id="8")],
        contact_history=[owned("contact", "1", "7", 1)],
        deal_history=[owned("deal", "1", "8", 1)],
    )
    assert changes(warehouse) == [("deal", "1", "8", day(1)), ("person", "1", "7", day(1))]
    assert len(table(warehouse, "input_owner_changes", "owner_change_key")) == 2


def test_a_present_owner_in_hubspot_that_the_history_does_not_end_in_wins_when_last_modified(
    warehouse: Database,
) -> None:
    in_hubspot(
        warehouse,
        contacts=[record("1", hubspot_owner_id="8", lastmodifieddate=day(9))],
        contact_history=[owned("contact", "1", "7", 1)],
    )
    assert changes(warehouse) == [("person", "1", "7", day(1)), ("person", "1", "8", day(9))]


def test_a_leads_owner_in_salesforce_is_told_by_the_rows_with_ids_alone(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        leads=[record("L", owner_id=BEN, created_date=day(0))],
        lead_history=[
            moved({"lead_id": "L"}, "Ann Alder", "Ben Birch", 3),
            moved({"lead_id": "L"}, ANN, BEN, 3),
        ],
    )
    assert changes(warehouse, ", changed_by") == [
        ("person", "L", ANN, day(0), None),
        ("person", "L", BEN, day(3), BEN),
    ]


def test_a_lead_in_salesforce_without_history_has_had_its_owner_since_its_creation(
    warehouse: Database,
) -> None:
    in_salesforce(warehouse, leads=[record("L", owner_id=ANN, created_date=day(0))])
    assert changes(warehouse) == [("person", "L", ANN, day(0))]


def test_a_queue_owns_a_lead_in_salesforce_until_somebody_takes_it(warehouse: Database) -> None:
    in_salesforce(
        warehouse,
        leads=[record("L", owner_id=ANN, created_date=day(0))],
        lead_history=[moved({"lead_id": "L"}, QUEUE, ANN, 2)],
    )
    assert changes(warehouse) == [("person", "L", QUEUE, day(0)), ("person", "L", ANN, day(2))]


def test_an_opportunitys_owner_in_salesforce_comes_from_its_field_history(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        opportunities=[record("O", owner_id=ANN, created_date=day(0))],
        opportunity_field_history=[moved({"opportunity_id": "O"}, BEN, ANN, 5)],
    )
    assert changes(warehouse) == [("deal", "O", BEN, day(0)), ("deal", "O", ANN, day(5))]


def test_a_contacts_owner_in_salesforce_is_the_one_that_the_newest_load_by_then_has_found(
    warehouse: Database,
) -> None:
    loads = ((10, ANN), (20, ANN), (30, BEN))
    in_salesforce(
        warehouse,
        contacts=[
            record("C", loaded_at=day(on), owner_id=owner, created_date=day(0))
            for on, owner in loads
        ],
    )
    assert changes(warehouse) == [("person", "C", ANN, day(0)), ("person", "C", BEN, day(30))]
    assert len(table(warehouse, "input_owner_changes", "owner_change_key")) == 2


def test_a_present_owner_in_salesforce_that_the_history_does_not_end_in_wins_when_last_modified(
    warehouse: Database,
) -> None:
    in_salesforce(
        warehouse,
        leads=[record("L", owner_id=ANN, created_date=day(0), system_modstamp=day(8))],
        lead_history=[moved({"lead_id": "L"}, ANN, BEN, 3)],
    )
    assert changes(warehouse)[-1] == ("person", "L", ANN, day(8))
