"""HubSpot's own client for Python works against the portal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hubspot import HubSpot as Client
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import (
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicObjectSearchRequest,
)
from hubspot.crm.contacts.exceptions import ApiException

from connectors.sandbox.hubspot import Store
from connectors.sandbox.serving import Running
from tests.connectors.sandbox.hubspot.conftest import TOKEN


@pytest.fixture
def client(running: Running) -> Client:
    """The client, which asks the portal in place of HubSpot."""
    client = Client(access_token=TOKEN)

    def at_the_portal(api: Any) -> Any:
        api.api_client.configuration.host = running.url
        return api

    client.at = at_the_portal  # type: ignore[attr-defined]
    return client


def test_it_lists_all_contacts_with_history(client: Any, store: Store) -> None:
    made = [store.create("contacts", {"lifecyclestage": "lead"}) for _ in range(3)]
    store.clock.advance(timedelta(seconds=1))
    store.update("contacts", made[0], {"lifecyclestage": "customer"})
    api = client.at(client.crm.contacts.basic_api)
    page = api.get_page(limit=2, properties_with_history=["lifecyclestage"])
    assert [one.id for one in page.results] == made[:2]
    history = page.results[0].properties_with_history["lifecyclestage"]
    assert [past.value for past in history] == ["customer", "lead"]
    assert page.results[0].updated_at == datetime(2026, 3, 2, 8, 0, 1, 123_000, tzinfo=UTC)
    rest = api.get_page(limit=2, after=page.paging.next.after)
    assert [one.id for one in rest.results] == made[2:]
    assert rest.paging is None


def test_it_reads_one_contact_with_associations(client: Any, store: Store) -> None:
    contact, firm = store.create("contacts", {}), store.create("companies", {})
    store.associate("contacts", contact, "companies", firm, "Primary")
    api = client.at(client.crm.contacts.basic_api)
    found = api.get_by_id(contact, associations=["companies"])
    assert {one.id for one in found.associations["companies"].results} == {firm}
    with pytest.raises(ApiException) as caught:
        api.get_by_id("999")
    assert caught.value.status == 404


def test_it_searches(client: Any, store: Store) -> None:
    store.create("contacts", {"email": "a@x.example"})
    wanted = store.create("contacts", {"email": "b@x.example"})
    condition = Filter(property_name="email", operator="EQ", value="b@x.example")
    request = PublicObjectSearchRequest(
        filter_groups=[FilterGroup(filters=[condition])],
        sorts=["lastmodifieddate"],
        properties=["email"],
        limit=10,
        after="0",
    )
    found = client.at(client.crm.contacts.search_api).do_search(request)
    assert (found.total, [one.id for one in found.results]) == (1, [wanted])


def test_it_reads_many_and_is_told_what_is_missing(client: Any, store: Store) -> None:
    made = store.create("contacts", {"email": "a@x.example"})
    request = BatchReadInputSimplePublicObjectId(
        inputs=[{"id": made}, {"id": "999"}],
        properties=["email"],
        properties_with_history=["email"],
    )
    found = client.at(client.crm.contacts.batch_api).read(request)
    assert [one.properties["email"] for one in found.results] == ["a@x.example"]
    assert found.num_errors == 1
    assert found.errors[0].context == {"ids": ["999"]}


def test_it_reads_associations(client: Any, store: Store) -> None:
    deal, lonely = store.create("deals", {}), store.create("deals", {})
    contact = store.create("contacts", {})
    store.associate("deals", deal, "contacts", contact)
    api = client.at(client.crm.associations.v4.batch_api)
    request = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": deal}, {"id": lonely}])
    found = api.get_page("deals", "contacts", request)
    assert [str(one.to[0].to_object_id) for one in found.results] == [contact]
    assert found.num_errors == 1
    single = client.at(client.crm.associations.v4.basic_api).get_page("deals", deal, "contacts")
    assert single.results[0].association_types[0].type_id == 3


def test_it_reads_owners_active_and_archived(client: Any, store: Store) -> None:
    api = client.at(client.crm.owners.owners_api)
    page = api.get_page(limit=1)
    assert (page.results[0].email, page.results[0].teams[0].name) == ("a@x.example", "Marketing")
    assert api.get_page(limit=1, after=page.paging.next.after).results[0].id == "13"
    assert [one.id for one in api.get_page(archived=True).results] == ["12"]


def test_it_reads_pipelines_and_their_stages(client: Any, store: Store) -> None:
    api = client.at(client.crm.pipelines.pipelines_api)
    [found] = api.get_all("deals").results
    assert [stage.label for stage in found.stages] == ["Qualified", "Closed won", "Closed lost"]
    assert found.stages[1].metadata == {"isClosed": "true", "probability": "1.0"}


def test_it_reads_properties(client: Any, store: Store) -> None:
    api = client.at(client.crm.properties.core_api)
    found = {one.name: one for one in api.get_all("contacts").results}
    assert found["lifecyclestage"].type == "enumeration"
    assert "customer" in [option.value for option in found["lifecyclestage"].options]
    assert found["hubspotscore"].calculated is True
    assert api.get_by_name("contacts", "email").type == "string"


def test_it_renews_its_token(client: Any) -> None:
    told = client.at(client.oauth.tokens_api).create(
        grant_type="refresh_token",
        client_id="app-1",
        client_secret="secret-1",
        refresh_token="refresh-1",
    )
    assert (told.token_type, told.expires_in) == ("bearer", 1800)


@pytest.mark.parametrize("kind", ["companies", "deals"])
def test_it_lists_other_objects(client: Any, store: Store, kind: str) -> None:
    made = store.create(kind, {})
    page = client.at(getattr(client.crm, kind).basic_api).get_page()
    assert [one.id for one in page.results] == [made]


@pytest.mark.parametrize("kind", ["calls", "emails", "meetings", "notes", "tasks"])
def test_it_lists_engagements_as_objects(client: Any, store: Store, kind: str) -> None:
    made = store.create(kind, {"hs_timestamp": "2026-03-02T08:00:00Z"})
    api = client.at(client.crm.objects.basic_api)
    page = api.get_page(kind, properties=["hs_timestamp"])
    assert [one.id for one in page.results] == [made]
    assert page.results[0].properties["hs_timestamp"] == "2026-03-02T08:00:00Z"
