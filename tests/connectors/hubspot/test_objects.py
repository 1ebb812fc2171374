"""Records of a portal: complete at first, and night after night what its people made of them."""

import json
from datetime import timedelta

import pytest

from connectors.errors import PermanentError, TransientError
from connectors.load import load_stream
from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.store import Store
from connectors.sandbox.serving import Fault
from tests.connectors.hubspot.loaded import Loaded


def _people(store: Store, count: int, **values: str) -> list[str]:
    return [
        store.create("contacts", {"email": f"person{n}@example.com", **values})
        for n in range(count)
    ]


def _truth(loaded: Loaded, kind: str = "contacts") -> set[str]:
    return {record.id for record in loaded.store.held(kind)}


def test_a_first_sync_brings_every_record_with_all_that_it_says(loaded: Loaded) -> None:
    loaded.store.define_property("contacts", Property("favourite_colour", "string"))
    [id_] = _people(loaded.store, 1, favourite_colour="green", lifecyclestage="lead")
    loaded.load("contacts")
    row = loaded.newest("contacts")[id_]
    assert (row["email"], row["lifecyclestage"]) == ("person0@example.com", "lead")
    assert json.loads(row["_extra"])["favourite_colour"] == "green"
    assert row["createdate"] == loaded.store.clock.now()
    assert row["_origin"] == f"contacts/{id_}"


def test_a_first_sync_goes_on_past_every_page(loaded: Loaded) -> None:
    _people(loaded.store, 350)
    assert loaded.load("contacts").rows == 350
    assert loaded.live("contacts") == _truth(loaded)


def test_a_portal_without_records_is_read_without_any(loaded: Loaded) -> None:
    assert loaded.load("deals").rows == 0
    loaded.store.create("deals", {"dealname": "First"})
    loaded.load("deals")
    assert loaded.live("deals") == _truth(loaded, "deals")


def test_a_quiet_night_lands_nothing_and_asks_a_handful(loaded: Loaded) -> None:
    for _ in range(3):
        _people(loaded.store, 120)
        loaded.pass_time(days=1)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.load("contacts")
    loaded.asked()
    loaded.pass_time(days=1)
    assert loaded.load("contacts").rows == 0
    assert loaded.asked() <= 5


def test_when_a_contact_entered_its_lifecycle_stages_lands_though_no_list_has_it(
    loaded: Loaded,
) -> None:
    [id_] = _people(loaded.store, 1, lifecyclestage="lead")
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"lifecyclestage": "customer"})
    loaded.load("contacts")
    held = loaded.store.get("contacts", id_).values
    lead, customer = (held[f"hs_v2_date_entered_{stage}"] for stage in ("lead", "customer"))
    row = loaded.newest("contacts")[id_]
    assert row["stages_entered"] == f"customer={customer};lead={lead}"
    assert "date_entered" not in (row["_extra"] or "")


def test_where_a_portal_dates_a_stage_in_the_older_way_alone_that_date_lands(
    loaded: Loaded,
) -> None:
    name = "hs_lifecyclestage_lead_date"
    loaded.store.define_property("contacts", Property(name, "datetime", is_own=False))
    [id_] = _people(loaded.store, 1, **{name: "2026-01-05T10:00:00.000Z"})
    loaded.load("contacts")
    entered = loaded.newest("contacts")[id_]["stages_entered"]
    assert entered == "lead=2026-01-05T10:00:00.000Z"


@pytest.mark.parametrize("loaded", [{"disqualification_reason": "why_not"}], indirect=True)
def test_the_property_that_the_settings_name_is_the_reason_with_its_history(
    loaded: Loaded,
) -> None:
    loaded.store.define_property("contacts", Property("why_not"))
    [id_] = _people(loaded.store, 1, why_not="No fit")
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"why_not": "No budget"})
    loaded.load("contacts")
    loaded.load("contact_history")
    assert loaded.newest("contacts")[id_]["disqualification_reason"] == "No budget"
    told = [r["value"] for r in loaded.rows("contact_history") if r["property"] == "why_not"]
    assert told == ["No fit", "No budget"]


def test_a_portal_without_the_property_of_the_reason_has_none(loaded: Loaded) -> None:
    [id_] = _people(loaded.store, 1)
    loaded.load("contacts")
    loaded.load("contact_history")
    assert loaded.newest("contacts")[id_]["disqualification_reason"] is None


def test_a_change_lands_as_a_new_version(loaded: Loaded) -> None:
    first, second = _people(loaded.store, 2)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.store.update("contacts", first, {"lastname": "Lovelace"})
    assert loaded.load("contacts").rows == 1
    assert loaded.newest("contacts")[first]["lastname"] == "Lovelace"
    assert loaded.newest("contacts")[second]["lastname"] is None


def test_twelve_thousand_records_of_one_instant_are_complete(loaded: Loaded) -> None:
    loaded.load("contacts")
    loaded.pass_time(days=1)
    _people(loaded.store, 12_000)
    loaded.load("contacts")
    assert len(loaded.live("contacts")) == 12_000


def test_a_block_of_ties_larger_than_a_page_does_not_stop_what_follows(loaded: Loaded) -> None:
    _people(loaded.store, 5)
    loaded.load("contacts")
    for size in (150, 401, 3, 200):
        loaded.pass_time(hours=3)
        for n in range(size):
            loaded.store.create("contacts", {"email": f"tied{n}-{size}@example.com"})
    loaded.load("contacts")
    assert loaded.live("contacts") == _truth(loaded)


def test_what_search_shows_late_is_found_the_next_night(loaded: Loaded) -> None:
    loaded.store.lag = timedelta(minutes=30)
    _people(loaded.store, 120)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.load("contacts")
    [late] = _people(loaded.store, 1, lastname="Late")
    loaded.store.lag = timedelta(0)
    loaded.pass_time(minutes=20)
    _people(loaded.store, 1, lastname="Prompt")
    loaded.load("contacts")
    loaded.pass_time(hours=1)
    loaded.load("contacts")
    assert late in loaded.live("contacts")
    assert loaded.live("contacts") == _truth(loaded)


def test_what_changes_during_a_first_sync_is_not_missed(loaded: Loaded) -> None:
    ids = _people(loaded.store, 250)
    pages = 0

    def change_the_first() -> None:
        nonlocal pages
        pages += 1
        if pages == 2:
            loaded.pass_time(minutes=1)
            loaded.store.update("contacts", ids[0], {"lastname": "Changed"})

    loaded.before_request("GET", "/crm/v3/objects/contacts", change_the_first)
    loaded.load("contacts")
    loaded.load("contacts")
    assert loaded.newest("contacts")[ids[0]]["lastname"] == "Changed"


def test_an_archived_record_is_gone_with_its_last_values_kept(loaded: Loaded) -> None:
    first, second = _people(loaded.store, 2)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.store.archive("contacts", first)
    loaded.load("contacts")
    row = loaded.newest("contacts")[first]
    assert row["_deleted"]
    assert row["email"] == "person0@example.com"
    assert row["archived_at"] == loaded.store.clock.now()
    assert loaded.live("contacts") == {second}


def test_a_restored_record_is_back(loaded: Loaded) -> None:
    first, _ = _people(loaded.store, 2)
    loaded.load("contacts")
    loaded.store.archive("contacts", first)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    loaded.store.restore("contacts", first)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    assert loaded.live("contacts") == _truth(loaded)


def test_one_deleted_and_one_restored_in_a_night_are_both_seen(loaded: Loaded) -> None:
    first, second, _ = _people(loaded.store, 3)
    loaded.load("contacts")
    loaded.store.archive("contacts", first)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    loaded.store.restore("contacts", first)
    loaded.store.gdpr_delete("contacts", second)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    assert loaded.live("contacts") == _truth(loaded)


def test_a_record_that_was_deleted_for_good_is_gone(loaded: Loaded) -> None:
    first, *_ = _people(loaded.store, 205)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.store.gdpr_delete("contacts", first)
    loaded.load("contacts")
    assert loaded.live("contacts") == _truth(loaded)


def test_a_chain_of_merges_leaves_the_survivor_alone(loaded: Loaded) -> None:
    first, second, third, _ = _people(loaded.store, 4)
    loaded.load("contacts")
    loaded.store.merge("contacts", second, first)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    loaded.store.merge("contacts", third, second)
    loaded.pass_time(days=1)
    loaded.load("contacts")
    assert loaded.live("contacts") == _truth(loaded)
    merged = loaded.newest("contacts")[third]["hs_merged_object_ids"]
    assert set(merged.split(";")) == {first, second}


def test_a_merge_from_before_the_first_sync_lands_nothing_in_the_nights_after(
    loaded: Loaded,
) -> None:
    first, second, *_ = _people(loaded.store, 4)
    loaded.store.merge("contacts", second, first)
    loaded.load("contacts")
    loaded.pass_time(minutes=30)
    assert loaded.load("contacts").rows == 0


def test_a_calculated_property_is_refreshed_though_nothing_was_modified(loaded: Loaded) -> None:
    loaded.store.define_property(
        "contacts", Property("score", "number", is_calculated=True, is_own=True)
    )
    [id_] = _people(loaded.store, 1)
    loaded.load("contacts")
    loaded.pass_time(days=1)
    loaded.store.recalculate("contacts", id_, {"score": "42"})
    loaded.load("contacts")
    assert json.loads(loaded.newest("contacts")[id_]["_extra"])["score"] == "42"


def test_a_property_may_appear_change_its_type_and_vanish(loaded: Loaded) -> None:
    [id_] = _people(loaded.store, 1)
    loaded.load("contacts")
    loaded.store.define_property("contacts", Property("size", "number"))
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"size": "12"})
    came = loaded.load("contacts")
    loaded.store.define_property("contacts", Property("size", "string"))
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"size": "large"})
    loaded.load("contacts")
    loaded.store.remove_property("contacts", "size")
    loaded.pass_time(days=1)
    went = loaded.load("contacts")
    told = [state.columns or {} for load in (came, went) for state in (load.before, load.after)]
    assert [columns.get("size") for columns in told] == [None, "number", "string", None]
    assert all(columns["email"] == "string" for columns in told)
    said = [json.loads(row["_extra"] or "{}").get("size") for row in loaded.rows("contacts")]
    assert said == [None, "12", "large", None]


@pytest.mark.parametrize("text", ["NA", "null", "a\0b", 'says "hi"\nand, more', "  ", "0", "ünï"])
def test_text_lands_as_it_is(loaded: Loaded, text: str) -> None:
    [id_] = _people(loaded.store, 1, lastname=text)
    loaded.load("contacts")
    assert loaded.newest("contacts")[id_]["lastname"] == text


def test_nine_hundred_properties_are_read_with_no_address_too_long(loaded: Loaded) -> None:
    names = [f"a_property_with_a_rather_long_name_{n}" for n in range(900)]
    for name in names:
        loaded.store.define_property("contacts", Property(name, "string"))
    [id_] = _people(loaded.store, 1, **{names[0]: "first", names[-1]: "last"})
    loaded.load("contacts")
    told = json.loads(loaded.newest("contacts")[id_]["_extra"])
    assert (told[names[0]], told[names[-1]]) == ("first", "last")


def _cut_off_at(loaded: Loaded, records: int) -> None:
    """A load of contacts that is broken off once so many have landed."""

    def stop(count: int, _: int | None) -> None:
        if count >= records:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_stream(loaded.lake, "hubspot", loaded.stream("contacts"), "cut off", progress=stop)


def test_what_changed_since_a_first_sync_was_cut_off_lands_with_the_one_that_goes_on(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.hubspot.kept.gathered.__defaults__", (100,))
    first, *_, last = _people(loaded.store, 1_000)
    _cut_off_at(loaded, 500)
    loaded.pass_time(days=3)
    loaded.store.update("contacts", first, {"lastname": "changed"})
    loaded.store.archive("contacts", last)
    loaded.pass_time(days=3)
    loaded.load("contacts")
    assert loaded.newest("contacts")[first]["lastname"] == "changed"
    assert loaded.live("contacts") == _truth(loaded)


def test_a_first_sync_that_was_cut_off_goes_on_where_it_was(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.hubspot.kept.gathered.__defaults__", (100,))
    _people(loaded.store, 980)
    loaded.pass_time(days=1)
    _people(loaded.store, 20)
    _cut_off_at(loaded, 500)
    loaded.asked()
    loaded.load("contacts")
    # Six pages of the list, and the handful of a quiet night.
    assert loaded.asked() <= 12
    assert len(loaded.rows("contacts")) == 1_000
    assert loaded.live("contacts") == _truth(loaded)


def test_a_load_says_how_many_records_were_announced(loaded: Loaded) -> None:
    _people(loaded.store, 120)
    told: list[int | None] = []
    load_stream(
        loaded.lake,
        "hubspot",
        loaded.stream("contacts"),
        "run",
        progress=lambda _, announced: told.append(announced),
    )
    assert told[0] == 120


def test_a_server_that_fails_for_good_makes_the_load_an_error(loaded: Loaded) -> None:
    _people(loaded.store, 3)
    loaded.server.faults.add(Fault(path="/crm/v3/objects/contacts", times=None))
    with pytest.raises(TransientError, match="/crm/v3/objects/contacts"):
        loaded.load("contacts")


def test_a_missing_scope_is_told_with_its_name(loaded: Loaded) -> None:
    loaded.without_scope("crm.objects.deals.read")
    with pytest.raises(PermanentError, match=r"crm\.objects\.deals\.read.*leave_out"):
        loaded.load("deals")
