"""Lists and reads of records are as HubSpot's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connectors.sandbox.hubspot import Property, Source, Store
from tests.connectors.sandbox.hubspot.conftest import Ask

CONTACTS = "/crm/v3/objects/contacts"


def _ids(told: dict) -> list[str]:
    return [record["id"] for record in told["results"]]


def test_a_record_tells_its_default_properties_as_text(ask: Ask, store: Store) -> None:
    id_ = store.create("contacts", {"email": "a@x.example", "phone": "1"})
    assert ask("GET", CONTACTS).json() == {
        "results": [
            {
                "id": id_,
                "properties": {
                    "createdate": "2026-03-02T08:00:00.123Z",
                    "email": "a@x.example",
                    "firstname": None,
                    "hs_object_id": id_,
                    "lastmodifieddate": "2026-03-02T08:00:00.123Z",
                    "lastname": None,
                },
                "createdAt": "2026-03-02T08:00:00.123Z",
                "updatedAt": "2026-03-02T08:00:00.123Z",
                "archived": False,
            }
        ]
    }


def test_a_whole_second_has_no_fraction(ask: Ask, store: Store) -> None:
    store.clock.advance(timedelta(milliseconds=877))
    id_ = store.create("deals", {})
    assert ask("GET", f"/crm/v3/objects/deals/{id_}").json()["createdAt"] == "2026-03-02T08:00:01Z"


def test_an_unknown_property_is_ignored_and_an_empty_one_is_null(ask: Ask, store: Store) -> None:
    store.create("companies", {"name": "X"})
    told = ask("GET", "/crm/v3/objects/companies", params={"properties": "name,city,nope"}).json()
    properties = told["results"][0]["properties"]
    assert (properties["name"], properties["city"]) == ("X", None)
    assert "nope" not in properties
    assert "hs_lastmodifieddate" in properties


def test_pages_follow_the_ids_and_lead_on_to_the_end(ask: Ask, store: Store) -> None:
    made = [store.create("contacts", {}) for _ in range(25)]
    found, after = [], None
    while True:
        told = ask("GET", CONTACTS, params={"limit": 10, "after": after}).json()
        found += _ids(told)
        if "paging" not in told:
            break
        after = told["paging"]["next"]["after"]
        assert f"after={after}" in told["paging"]["next"]["link"]
    assert found == made


@pytest.mark.parametrize(
    "params",
    [{"limit": 101}, {"limit": 51, "propertiesWithHistory": "email"}, {"limit": 0}, {"after": "x"}],
)
def test_a_page_that_is_too_long_is_refused(ask: Ask, params: dict) -> None:
    answer = ask("GET", CONTACTS, params=params)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert set(answer.json()) >= {"status", "message", "correlationId", "errors"}


def test_history_has_every_change_newest_first(ask: Ask, store: Store) -> None:
    id_ = store.create("contacts", {"lifecyclestage": "lead"})
    store.clock.advance(timedelta(hours=1))
    by = Source("AUTOMATION_PLATFORM", "flow-1", 911)
    store.update("contacts", id_, {"lifecyclestage": "customer"}, source=by)
    store.update("contacts", id_, {"lifecyclestage": "customer"})
    store.clock.advance(timedelta(hours=1))
    store.update("contacts", id_, {"lifecyclestage": None})
    told = ask("GET", CONTACTS, params={"propertiesWithHistory": "lifecyclestage,nope"}).json()
    assert told["results"][0]["propertiesWithHistory"] == {
        "lifecyclestage": [
            {"value": "", "timestamp": "2026-03-02T10:00:00.123Z", "sourceType": "CRM_UI"},
            {
                "value": "customer",
                "timestamp": "2026-03-02T09:00:00.123Z",
                "sourceType": "AUTOMATION_PLATFORM",
                "sourceId": "flow-1",
                "updatedByUserId": 911,
            },
            {"value": "lead", "timestamp": "2026-03-02T08:00:00.123Z", "sourceType": "CRM_UI"},
        ]
    }
    assert told["results"][0]["properties"]["lifecyclestage"] is None


def test_an_archived_record_is_in_the_other_list_with_its_modified_date(
    ask: Ask, store: Store
) -> None:
    kept, gone = store.create("contacts", {}), store.create("contacts", {})
    store.clock.advance(timedelta(days=1))
    store.archive("contacts", gone)
    assert _ids(ask("GET", CONTACTS).json()) == [kept]
    [archived] = ask("GET", CONTACTS, params={"archived": "true"}).json()["results"]
    assert (archived["id"], archived["archived"]) == (gone, True)
    assert archived["archivedAt"] == "2026-03-03T08:00:00.123Z"
    assert archived["updatedAt"] == "2026-03-02T08:00:00.123Z"
    assert ask("GET", f"{CONTACTS}/{gone}").status_code == 404
    assert ask("GET", f"{CONTACTS}/{gone}", params={"archived": "true"}).status_code == 200
    store.restore("contacts", gone)
    assert _ids(ask("GET", CONTACTS).json()) == [kept, gone]


def test_what_the_law_had_deleted_is_nowhere(ask: Ask, store: Store) -> None:
    gone = store.create("contacts", {})
    store.gdpr_delete("contacts", gone)
    assert ask("GET", CONTACTS).json() == {"results": []}
    assert ask("GET", CONTACTS, params={"archived": "true"}).json() == {"results": []}
    assert ask("GET", f"{CONTACTS}/{gone}").json()["category"] == "OBJECT_NOT_FOUND"


def test_a_chain_of_merges_ends_in_one_record_that_names_all(ask: Ask, store: Store) -> None:
    a, b, c = (store.create("contacts", {"email": f"{n}@x.example"}) for n in "abc")
    store.update("contacts", a, {"phone": "7"})
    firm = store.create("companies", {})
    store.associate("contacts", a, "companies", firm)
    store.merge("contacts", b, a)
    store.clock.advance(timedelta(hours=1))
    store.merge("contacts", c, b)
    assert _ids(ask("GET", CONTACTS).json()) == [c]
    assert ask("GET", CONTACTS, params={"archived": "true"}).json()["results"] == []
    asked = {"properties": "email,phone,hs_merged_object_ids,hs_additional_emails"}
    told = ask("GET", f"{CONTACTS}/{a}", params=asked).json()
    assert told["id"] == c
    assert told["updatedAt"] == "2026-03-02T09:00:00.123Z"
    assert told["properties"]["email"] == "c@x.example"
    assert told["properties"]["phone"] == "7"
    assert set(told["properties"]["hs_merged_object_ids"].split(";")) == {a, b}
    linked = ask("GET", f"/crm/v4/objects/contacts/{c}/associations/companies").json()
    assert [one["toObjectId"] for one in linked["results"]] == [int(firm)]


def test_reading_many_answers_207_where_some_are_missing(ask: Ask, store: Store) -> None:
    a, b = store.create("contacts", {}), store.create("contacts", {})
    path = f"{CONTACTS}/batch/read"
    whole = ask("POST", path, json={"inputs": [{"id": b}, {"id": a}], "properties": ["email"]})
    assert (whole.status_code, whole.json()["status"]) == (200, "COMPLETE")
    assert sorted(_ids(whole.json())) == [a, b]
    part = ask("POST", path, json={"inputs": [{"id": a}, {"id": "999"}]})
    assert part.status_code == 207
    assert _ids(part.json()) == [a]
    assert part.json()["numErrors"] == 1
    assert part.json()["errors"][0]["context"] == {"ids": ["999"]}


def test_reading_many_has_its_limits(ask: Ask) -> None:
    def status(n: int, **more: object) -> int:
        inputs = [{"id": str(i)} for i in range(1, n + 1)]
        path = f"{CONTACTS}/batch/read"
        return ask("POST", path, json={"inputs": inputs, **more}).status_code

    assert (status(100), status(101), status(0)) == (207, 400, 400)
    assert status(50, propertiesWithHistory=["email"]) == 207
    assert status(51, propertiesWithHistory=["email"]) == 400


def test_a_list_can_tell_associations_once_per_label_and_no_more_than_a_hundred(
    ask: Ask, store: Store
) -> None:
    contact, firm = store.create("contacts", {}), store.create("companies", {})
    store.associate("contacts", contact, "companies", firm, "Primary")
    params = {"associations": "companies,deals"}
    [told] = ask("GET", CONTACTS, params=params).json()["results"]
    assert told["associations"] == {
        "companies": {
            "results": [
                {"id": firm, "type": "contact_to_company"},
                {"id": firm, "type": "contact_to_company_unlabeled"},
            ]
        }
    }
    for _ in range(60):
        store.associate("contacts", contact, "companies", store.create("companies", {}))
        store.associate("contacts", contact, "deals", store.create("deals", {}))
    for _ in range(60):
        store.associate("contacts", contact, "deals", store.create("deals", {}))
    [told] = ask("GET", CONTACTS, params=params).json()["results"]
    assert len(told["associations"]["deals"]["results"]) == 100
    assert told["associations"]["deals"]["paging"]["next"]["after"]


def test_the_time_of_entering_a_stage_is_readable_though_no_list_has_it(
    ask: Ask, store: Store
) -> None:
    id_ = store.create("deals", {"dealstage": "qualified", "pipeline": "default"})
    store.clock.advance(timedelta(hours=1))
    store.update("deals", id_, {"dealstage": "won"})
    names = "hs_v2_date_entered_won,hs_date_entered_won,hs_is_closed_won,hs_is_closed"
    told = ask("GET", f"/crm/v3/objects/deals/{id_}", params={"properties": names}).json()
    assert told["properties"]["hs_v2_date_entered_won"] == "2026-03-02T09:00:00.123Z"
    assert told["properties"]["hs_date_entered_won"] is None
    assert told["properties"]["hs_is_closed_won"] == "true"
    listed = {p["name"] for p in ask("GET", "/crm/v3/properties/deals").json()["results"]}
    assert "hs_date_entered_won" in listed
    assert not any(name.startswith("hs_v2_date_entered") for name in listed)


def test_a_property_may_appear_change_its_type_and_vanish(ask: Ask, store: Store) -> None:
    with pytest.raises(KeyError, match="define_property"):
        store.create("contacts", {"score": "1"})
    store.define_property("contacts", Property("score", "number"))
    id_ = store.create("contacts", {"score": "1"})
    path = "/crm/v3/properties/contacts/score"
    assert ask("GET", path).json()["type"] == "number"
    store.define_property("contacts", Property("score", "string", is_calculated=True))
    assert (ask("GET", path).json()["type"], ask("GET", path).json()["calculated"]) == (
        "string",
        True,
    )
    before = ask("GET", f"{CONTACTS}/{id_}").json()["updatedAt"]
    store.clock.advance(timedelta(hours=1))
    store.recalculate("contacts", id_, {"score": "high"})
    told = ask("GET", f"{CONTACTS}/{id_}", params={"properties": "score"}).json()
    assert (told["properties"]["score"], told["updatedAt"]) == ("high", before)
    store.remove_property("contacts", "score")
    told = ask("GET", f"{CONTACTS}/{id_}", params={"properties": "score"}).json()
    assert "score" not in told["properties"]
    assert ask("GET", path).status_code == 404


def test_an_object_type_that_is_not_there_is_named(ask: Ask) -> None:
    answer = ask("GET", "/crm/v3/objects/tickets")
    assert answer.status_code == 400
    assert "Unable to infer object type from: tickets" in answer.json()["message"]


def test_many_may_write_at_once(ask: Ask, store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: store.create("contacts", {}), range(400)))
    assert len(set(made)) == 400
    found, after = [], "0"
    while after:
        told = ask("GET", CONTACTS, params={"limit": 100, "after": after}).json()
        found += _ids(told)
        after = told.get("paging", {}).get("next", {}).get("after", "")
    assert sorted(found) == sorted(made)
