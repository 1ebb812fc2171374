"""Search finds what HubSpot's does, no further, and late."""

from datetime import timedelta

import pytest

from connectors.sandbox.hubspot import Past, Property, Snapshot, Store
from connectors.sandbox.serving import milliseconds_of
from tests.connectors.sandbox.hubspot.conftest import START, Ask

SEARCH = "/crm/v3/objects/contacts/search"
AT = milliseconds_of(START)


def _filter(name: str, operator: str, value: object = None, **more: object) -> dict:
    told = {"propertyName": name, "operator": operator, **more}
    return told if value is None else {**told, "value": value}


def _body(*filters: dict, **more: object) -> dict:
    return {"filterGroups": [{"filters": list(filters)}], **more}


def _found(ask: Ask, body: dict) -> list[str]:
    answer = ask("POST", SEARCH, json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["total"] >= len(told["results"])
    return [record["id"] for record in told["results"]]


@pytest.fixture
def contacts(store: Store) -> list[str]:
    """Five contacts, an hour between them."""
    store.define_property("contacts", Property("score", "number"))
    made = []
    for n in range(1, 6):
        values = {"email": f"{n}@X.example", "score": str(n)} if n != 4 else {}
        made.append(store.create("contacts", values))
        store.clock.advance(timedelta(hours=1))
    return made


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        (_filter("email", "EQ", "2@x.example"), [2]),
        (_filter("email", "NEQ", "2@x.example"), [1, 3, 5]),
        (_filter("score", "GT", "3"), [5]),
        (_filter("score", "GTE", 3), [3, 5]),
        (_filter("score", "LT", "2"), [1]),
        (_filter("score", "LTE", "2"), [1, 2]),
        (_filter("score", "BETWEEN", "2", highValue="3"), [2, 3]),
        (_filter("score", "IN", values=["1", "5"]), [1, 5]),
        (_filter("score", "NOT_IN", values=["1", "5"]), [2, 3]),
        (_filter("score", "HAS_PROPERTY"), [1, 2, 3, 5]),
        (_filter("score", "NOT_HAS_PROPERTY"), [4]),
        (_filter("lastmodifieddate", "GTE", str(AT + 3 * 3_600_000)), [4, 5]),
        (_filter("lastmodifieddate", "GT", AT + 3 * 3_600_000), [5]),
        (_filter("lastmodifieddate", "LT", "2026-03-02T09:00:00.123Z"), [1]),
        (_filter("lastmodifieddate", "EQ", str(AT)), [1]),
        (_filter("createdate", "BETWEEN", str(AT), highValue=str(AT + 3_600_000)), [1, 2]),
        (_filter("hs_object_id", "GT", "3"), [4, 5]),
    ],
)
def test_each_operator_lets_through_what_it_says(
    ask: Ask, contacts: list[str], condition: dict, numbers: list[int]
) -> None:
    assert _found(ask, _body(condition)) == [contacts[n - 1] for n in numbers]


def test_all_filters_of_any_group_hold(ask: Ask, contacts: list[str]) -> None:
    groups = [
        {"filters": [_filter("score", "GT", "1"), _filter("score", "LT", "3")]},
        {"filters": [_filter("score", "EQ", "5")]},
    ]
    assert _found(ask, {"filterGroups": groups}) == [contacts[1], contacts[4]]


@pytest.mark.parametrize("name", ["lastmodifieddate", "hs_object_id", "score"])
def test_a_sort_goes_both_ways_and_pages_through(ask: Ask, contacts: list[str], name: str) -> None:
    for direction, wanted in (("ASCENDING", [0, 1, 2, 4]), ("DESCENDING", [4, 2, 1, 0])):
        found: list[str] = []
        after = 0
        while after is not None:
            sorts = [{"propertyName": name, "direction": direction}]
            condition = _filter("score", "HAS_PROPERTY")
            body = _body(condition, sorts=sorts, limit=3, after=str(after))
            told = ask("POST", SEARCH, json=body).json()
            assert told["total"] == 4
            found += [record["id"] for record in told["results"]]
            after = told.get("paging", {}).get("next", {}).get("after")
        assert found == [contacts[n] for n in wanted]


def test_a_range_of_modified_dates_pages_through_both_ways(ask: Ask, contacts: list[str]) -> None:
    for direction, wanted in (("ASCENDING", [1, 2, 3]), ("DESCENDING", [3, 2, 1])):
        pages = []
        for after in (0, 2):
            body = _body(
                _filter("lastmodifieddate", "GT", str(AT)),
                _filter("lastmodifieddate", "LT", str(AT + 4 * 3_600_000)),
                sorts=[{"propertyName": "lastmodifieddate", "direction": direction}],
                limit=2,
                after=after,
            )
            pages += _found(ask, body)
        assert pages == [contacts[n] for n in wanted]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": 9801},
        {"filterGroups": [{"filters": []}] * 6},
        _body(*[_filter("email", "HAS_PROPERTY")] * 11),
        {"filterGroups": [{"filters": [_filter("email", "HAS_PROPERTY")] * 9}] * 3},
        {"sorts": ["email", "phone"]},
        _body(_filter("nope", "EQ", "1")),
        _body(_filter("email", "LIKE", "1")),
        _body(_filter("email", "EQ")),
        _body(_filter("lastmodifieddate", "GT", "yesterday")),
    ],
)
def test_what_goes_too_far_or_makes_no_sense_is_refused(ask: Ask, body: dict) -> None:
    answer = ask("POST", SEARCH, json=body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_the_last_page_within_the_cap_is_answered(ask: Ask, store: Store) -> None:
    for n in range(1, 12_001):
        store.put("contacts", Snapshot(n, b"{}", AT, AT))
    body = {"limit": 200, "after": "9800", "sorts": ["lastmodifieddate"]}
    told = ask("POST", SEARCH, json=body).json()
    assert (told["total"], len(told["results"])) == (12_000, 200)
    assert told["paging"]["next"]["after"] == "10000"
    assert ask("POST", SEARCH, json=body | {"after": "10000"}).status_code == 400
    past = _body(
        _filter("lastmodifieddate", "EQ", str(AT)),
        _filter("hs_object_id", "GT", "10000"),
        sorts=["hs_object_id"],
        limit=2,
    )
    assert _found(ask, past) == ["10001", "10002"]


def test_search_sees_a_write_only_after_the_lag(ask: Ask, store: Store) -> None:
    store.lag = timedelta(seconds=20)
    id_ = store.create("contacts", {"email": "old@x.example"})
    assert _found(ask, {}) == []
    assert ask("GET", f"/crm/v3/objects/contacts/{id_}").status_code == 200
    store.clock.advance(timedelta(seconds=20))
    assert _found(ask, {}) == [id_]
    store.update("contacts", id_, {"email": "new@x.example"})
    store.archive("contacts", store.create("contacts", {}))
    store.clock.advance(timedelta(seconds=19))
    told = ask("POST", SEARCH, json={}).json()["results"][0]
    assert told["properties"]["email"] == "old@x.example"
    store.clock.advance(timedelta(seconds=1))
    told = ask("POST", SEARCH, json={}).json()["results"]
    assert [one["properties"]["email"] for one in told] == ["new@x.example"]


def test_what_is_archived_merged_or_deleted_is_not_found(ask: Ask, store: Store) -> None:
    made = [store.create("contacts", {}) for _ in range(4)]
    store.archive("contacts", made[0])
    store.merge("contacts", made[1], made[2])
    store.gdpr_delete("contacts", made[3])
    assert _found(ask, {}) == [made[1]]


def test_the_pasts_that_are_put_are_told(store: Store) -> None:
    store.put(
        "contacts",
        Snapshot(9, b'{"lifecyclestage":"lead"}', AT, AT + 5),
        {"lifecyclestage": [Past("subscriber", AT), Past("lead", AT + 5)]},
    )
    assert [p.value for p in store.history("contacts", "9", "lifecyclestage")] == [
        "subscriber",
        "lead",
    ]
    assert store.create("contacts", {}) == "10"


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
@pytest.mark.parametrize("sort", ["lastmodifieddate", "hs_object_id"])
@pytest.mark.parametrize(
    "conditions",
    [
        [_filter("lastmodifieddate", "GTE", AT + 1), _filter("lastmodifieddate", "LTE", AT + 2)],
        [_filter("lastmodifieddate", "EQ", AT + 1), _filter("hs_object_id", "GT", "10")],
        [_filter("lastmodifieddate", "EQ", AT + 1), _filter("hs_object_id", "LTE", "23")],
        [_filter("hs_object_id", "BETWEEN", "7", highValue="31")],
        [_filter("hs_object_id", "GT", "7"), _filter("lastmodifieddate", "LT", AT + 2)],
        [_filter("hs_object_id", "GT", "31"), _filter("hs_object_id", "LT", "7")],
        [],
    ],
)
def test_a_range_is_found_alike_whichever_way_it_is_looked_up(
    ask: Ask, store: Store, conditions: list[dict], sort: str, direction: str
) -> None:
    for n in range(1, 41):
        store.put("contacts", Snapshot.of(n, {}, AT, AT + n % 4))
    sorts = [{"propertyName": sort, "direction": direction}]
    for after in (0, 5):
        # What every record has rules out nothing, but leads past the sorted lists.
        everyone = _filter("createdate", "HAS_PROPERTY")
        page = {"sorts": sorts, "limit": 5, "after": after}
        fast, slow = (
            ask("POST", SEARCH, json=_body(*conditions, *more, **page)).json()
            for more in ([], [everyone])
        )
        assert fast == slow


def test_a_restored_record_is_found_again(ask: Ask, store: Store) -> None:
    id_ = store.create("contacts", {})
    store.archive("contacts", id_)
    assert _found(ask, {"sorts": ["hs_object_id"]}) == []
    store.restore("contacts", id_)
    assert _found(ask, {"sorts": ["hs_object_id"]}) == [id_]
