"""Associations tell all types and labels, page row by row, and move no modified date."""

from datetime import timedelta

from connectors.sandbox.hubspot import HubSpot, Store
from tests.connectors.sandbox.hubspot.conftest import Ask

READ = "/crm/v4/associations/deals/contacts/batch/read"


def test_an_association_tells_every_type_of_it_once(ask: Ask, store: Store) -> None:
    deal, contact = store.create("deals", {}), store.create("contacts", {})
    own = store.define_label("deals", "contacts", "Decision maker", "Decides on")
    store.associate("deals", deal, "contacts", contact, "Decision maker")
    store.associate("deals", deal, "contacts", contact)
    answer = ask("POST", READ, json={"inputs": [{"id": deal}]})
    assert answer.status_code == 200
    [told] = answer.json()["results"]
    assert told == {
        "from": {"id": deal},
        "to": [
            {
                "toObjectId": int(contact),
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None},
                    {
                        "category": "USER_DEFINED",
                        "typeId": own.type_id,
                        "label": "Decision maker",
                    },
                ],
            }
        ],
    }
    back = ask("GET", f"/crm/v4/objects/contacts/{contact}/associations/deals").json()
    labels = [one["label"] for one in back["results"][0]["associationTypes"]]
    assert labels == [None, "Decides on"]


def test_those_without_any_are_errors_beside_the_others(ask: Ask, store: Store) -> None:
    deal, lonely = store.create("deals", {}), store.create("deals", {})
    contact = store.create("contacts", {})
    store.associate("deals", deal, "contacts", contact)
    answer = ask("POST", READ, json={"inputs": [{"id": deal}, {"id": lonely}]})
    told = answer.json()
    assert (answer.status_code, told["numErrors"], len(told["results"])) == (207, 1, 1)
    assert told["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert told["errors"][0]["context"]["fromObjectId"] == [lonely]


def test_each_row_pages_by_itself(ask: Ask, store: Store, portal: HubSpot) -> None:
    portal.links.page = 2
    many, few = store.create("deals", {}), store.create("deals", {})
    contacts = [store.create("contacts", {}) for _ in range(5)]
    for contact in contacts:
        store.associate("deals", many, "contacts", contact)
    store.associate("deals", few, "contacts", contacts[0])
    found: dict[str, list[int]] = {many: [], few: []}
    inputs = [{"id": many}, {"id": few}]
    while inputs:
        told = ask("POST", READ, json={"inputs": inputs}).json()["results"]
        for row in told:
            assert len(row["to"]) <= 2
            found[row["from"]["id"]] += [one["toObjectId"] for one in row["to"]]
        inputs = [
            {"id": row["from"]["id"], "after": row["paging"]["next"]["after"]}
            for row in told
            if "paging" in row
        ]
    assert found == {many: [int(c) for c in contacts], few: [int(contacts[0])]}


def test_no_more_than_a_thousand_are_read_at_once(ask: Ask) -> None:
    inputs = [{"id": str(n)} for n in range(1001)]
    assert ask("POST", READ, json={"inputs": inputs}).status_code == 400
    assert ask("POST", READ, json={"inputs": inputs[:1000]}).status_code == 207


def test_a_change_moves_no_modified_date(ask: Ask, store: Store) -> None:
    deal, contact = store.create("deals", {}), store.create("contacts", {})
    before = store.get("deals", deal).modified
    store.clock.advance(timedelta(hours=1))
    store.associate("deals", deal, "contacts", contact)
    store.dissociate("deals", deal, "contacts", contact)
    assert store.get("deals", deal).modified == before
    assert ask("POST", READ, json={"inputs": [{"id": deal}]}).json()["results"] == []


def test_a_contact_has_one_primary_company(ask: Ask, store: Store) -> None:
    contact = store.create("contacts", {})
    firms = [store.create("companies", {}) for _ in range(2)]
    for firm in firms:
        store.associate("contacts", contact, "companies", firm, "Primary")
    told = ask("GET", f"/crm/v4/objects/contacts/{contact}/associations/companies").json()
    labels = {
        str(one["toObjectId"]): [t["label"] for t in one["associationTypes"]]
        for one in told["results"]
    }
    assert labels == {firms[0]: [None], firms[1]: ["Primary", None]}


def test_what_is_archived_is_associated_with_nothing(ask: Ask, store: Store) -> None:
    deal, contact = store.create("deals", {}), store.create("contacts", {})
    store.associate("deals", deal, "contacts", contact)
    store.archive("contacts", contact)
    assert ask("POST", READ, json={"inputs": [{"id": deal}]}).json()["results"] == []
    store.restore("contacts", contact)
    assert len(ask("POST", READ, json={"inputs": [{"id": deal}]}).json()["results"]) == 1


def test_the_labels_of_a_pair_are_told(ask: Ask, store: Store) -> None:
    told = ask("GET", "/crm/v4/associations/deals/companies/labels").json()["results"]
    assert {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"} in told
    assert {"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None} in told
