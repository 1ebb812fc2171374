"""What stands beside the records: history, associations, settings, marketing's lists and logs."""

from collections import Counter

import pytest

from connectors.load import load_stream
from tests.connectors.hubspot.loaded import Loaded


def test_the_history_of_a_stage_is_every_value_that_it_had(loaded: Loaded) -> None:
    id_ = loaded.store.create("contacts", {"email": "a@example.com", "lifecyclestage": "lead"})
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"lifecyclestage": "marketingqualifiedlead"})
    loaded.load("contact_history")
    loaded.pass_time(days=1)
    loaded.store.update("contacts", id_, {"lifecyclestage": "opportunity"})
    loaded.load("contact_history")
    loaded.load("contact_history")
    told = [
        (row["value"], row["changed_at"])
        for row in loaded.rows("contact_history")
        if row["property"] == "lifecyclestage"
    ]
    truth = [
        (past.value, past.at) for past in loaded.store.history("contacts", id_, "lifecyclestage")
    ]
    assert [value for value, _ in sorted(told, key=lambda row: row[1])] == [v for v, _ in truth]
    assert len(told) == 3


def test_two_changes_within_a_millisecond_are_both_kept_in_their_order(loaded: Loaded) -> None:
    id_ = loaded.store.create("deals", {"dealname": "One", "dealstage": "a"})
    loaded.store.update("deals", id_, {"dealstage": "b"})
    loaded.store.update("deals", id_, {"dealstage": "c"})
    loaded.load("deal_history")
    told = {
        row["nth"]: row["value"]
        for row in loaded.rows("deal_history")
        if row["property"] == "dealstage"
    }
    assert told == {0: "a", 1: "b", 2: "c"}


def test_history_that_was_made_since_a_first_sync_was_cut_off_lands_with_the_one_that_goes_on(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.hubspot.kept.gathered.__defaults__", (100,))
    people = [loaded.store.create("contacts", {"lifecyclestage": "lead"}) for _ in range(300)]

    def stop(count: int, _: int | None) -> None:
        if count >= 200:
            raise KeyboardInterrupt

    stream = loaded.stream("contact_history")
    with pytest.raises(KeyboardInterrupt):
        load_stream(loaded.lake, "hubspot", stream, "cut off", progress=stop)
    loaded.pass_time(days=3)
    loaded.store.update("contacts", people[0], {"lifecyclestage": "opportunity"})
    loaded.pass_time(days=3)
    loaded.load("contact_history")
    told = Counter(
        (row["contact_id"], row["value"])
        for row in loaded.rows("contact_history")
        if row["property"] == "lifecyclestage"
    )
    assert told == Counter([*((id_, "lead") for id_ in people), (people[0], "opportunity")])


def test_the_history_of_a_record_that_is_restored_lands_though_search_shows_no_change(
    loaded: Loaded,
) -> None:
    id_ = loaded.store.create("contacts", {"lifecyclestage": "lead"})
    loaded.store.create("contacts", {"lifecyclestage": "lead"})
    loaded.store.archive("contacts", id_)
    loaded.load("contacts")
    loaded.load("contact_history")
    for name, gone_for in (("lead", 1), ("opportunity", 2)):
        loaded.pass_time(days=gone_for)
        loaded.store.restore("contacts", id_)
        loaded.load("contacts")
        loaded.load("contact_history")
        rows = loaded.rows("contact_history")
        assert {name} <= {row["value"] for row in rows if row["contact_id"] == id_}
        loaded.pass_time(days=1)
        loaded.store.update("contacts", id_, {"lifecyclestage": "opportunity"})
        loaded.store.archive("contacts", id_)
        loaded.load("contacts")
        loaded.load("contact_history")


def test_history_stays_when_its_record_is_gone(loaded: Loaded) -> None:
    id_ = loaded.store.create("contacts", {"lifecyclestage": "lead"})
    loaded.store.create("contacts", {"lifecyclestage": "lead"})
    loaded.load("contact_history")
    loaded.store.gdpr_delete("contacts", id_)
    loaded.pass_time(days=1)
    loaded.load("contact_history")
    assert {row["contact_id"] for row in loaded.rows("contact_history")} >= {id_}
    assert not any(row["_deleted"] for row in loaded.rows("contact_history"))


def _pairs(loaded: Loaded) -> set[tuple[str, str, str | None]]:
    return {
        (row["from_id"], row["to_id"], row["label"])
        for row in loaded.newest("deal_associations").values()
        if not row["_deleted"] and row["to_type"] == "contacts"
    }


def test_an_association_is_seen_to_be_made_and_to_end_though_nothing_was_modified(
    loaded: Loaded,
) -> None:
    deal = loaded.store.create("deals", {"dealname": "One"})
    ann, bob = (loaded.store.create("contacts", {"email": f"{n}@example.com"}) for n in "ab")
    loaded.store.associate("deals", deal, "contacts", ann)
    loaded.load("deals")
    loaded.load("deal_associations")
    assert _pairs(loaded) == {(deal, ann, None)}
    loaded.pass_time(days=3)
    loaded.store.dissociate("deals", deal, "contacts", ann)
    loaded.store.associate("deals", deal, "contacts", bob)
    loaded.load("deals")
    loaded.load("deal_associations")
    assert _pairs(loaded) == {(deal, bob, None)}


def test_each_label_of_an_association_is_a_row(loaded: Loaded) -> None:
    loaded.store.define_label("deals", "contacts", "Decision maker", "Decides on")
    deal = loaded.store.create("deals", {"dealname": "One"})
    ann = loaded.store.create("contacts", {"email": "a@example.com"})
    loaded.store.associate("deals", deal, "contacts", ann, "Decision maker")
    loaded.load("deals")
    loaded.load("deal_associations")
    assert _pairs(loaded) == {(deal, ann, None), (deal, ann, "Decision maker")}


def test_more_associations_than_a_page_has_are_all_read(loaded: Loaded) -> None:
    deal = loaded.store.create("deals", {"dealname": "One"})
    people = [loaded.store.create("contacts", {"email": f"{n}@example.com"}) for n in range(1_050)]
    for person in people:
        loaded.store.associate("deals", deal, "contacts", person)
    loaded.load("deals")
    loaded.load("deal_associations")
    assert {to for _, to, _ in _pairs(loaded)} == set(people)


def test_the_associations_of_a_deal_that_is_gone_have_ended(loaded: Loaded) -> None:
    deal, other = (loaded.store.create("deals", {"dealname": n}) for n in ("One", "Two"))
    ann = loaded.store.create("contacts", {"email": "a@example.com"})
    for one in (deal, other):
        loaded.store.associate("deals", one, "contacts", ann)
    loaded.load("deals")
    loaded.load("deal_associations")
    loaded.store.archive("deals", deal)
    loaded.pass_time(days=1)
    loaded.load("deals")
    loaded.load("deal_associations")
    assert _pairs(loaded) == {(other, ann, None)}


def test_a_quiet_night_of_associations_lands_nothing(loaded: Loaded) -> None:
    deal = loaded.store.create("deals", {"dealname": "One"})
    ann = loaded.store.create("contacts", {"email": "a@example.com"})
    loaded.store.associate("deals", deal, "contacts", ann)
    loaded.load("deals")
    loaded.load("deal_associations")
    loaded.asked()
    loaded.pass_time(days=1)
    assert loaded.load("deal_associations").rows == 0
    assert loaded.asked() <= 4
