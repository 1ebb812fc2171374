"""What a HubSpot portal's records become in the input layer: one rule of the mapping a test."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.api_records import (
    LOADED_AT,
    day,
    exits,
    gone,
    open_warehouse,
    prospects,
    stage_words,
    table,
    version,
)
from tests.dbt_project.api_records import given as given_records
from tests.dbt_project.compiled import CompiledProject, Database
from tests.examples import examples

LIFECYCLE = "portal.contacts.lifecyclestage"
LEAD_STATUS = "portal.contacts.hs_lead_status"
DEAL_STAGE = "portal.deals.dealstage"
WORDS = {
    LIFECYCLE: {"lead": "lead", "marketingqualifiedlead": "mql", "salesqualifiedlead": "sql"},
    LEAD_STATUS: {"UNQUALIFIED": "disqualified", "NEW": "mql"},
    DEAL_STAGE: {"Appointment": "opportunity", "Closed won": "won", "Closed lost": "lost"},
}
REASON = "why_not"


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    open_warehouse(database)
    stage_words(database, WORDS)
    database.fill("agreement.settings", [{"max_group_size": 50, "time_zone": "Europe/Berlin"}])
    exits(database)
    chosen = {"source": "portal", "column_name": "disqualification_reason", "field": REASON}
    database.fill(
        "bound.chosen_fields", [chosen | {"stream": s} for s in ("contacts", "contact_history")]
    )
    return database


def have(database: Database, **streams: list[dict[str, Any]]) -> None:
    given_records(database, "hubspot", **streams)


def record(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("portal", record_id, id=record_id, **fields)


def was(
    subject: str,
    value: str | None,
    on: int,
    nth: int = 0,
    prop: str = "lifecyclestage",
    **more: Any,
) -> dict[str, Any]:
    """A version in a property's history: of a contact, or of a deal where it is `dealstage`."""
    owner = "deal_id" if prop == "dealstage" else "contact_id"
    changed = {owner: subject, "property": prop, "value": value, "changed_at": day(on), "nth": nth}
    return version("portal", f"{subject}|{prop}|{on}|{nth}", **changed, **more)


def changes(database: Database) -> list[Any]:
    return table(
        database,
        "int_hubspot__stage_changes",
        "subject, stage, changed_at, evidence",
        "subject, changed_at, stage",
    )


def touches(database: Database, columns: str) -> list[Any]:
    return table(database, "int_hubspot__touches", columns, "record_key")


def test_each_version_of_the_lifecycle_stage_is_a_change(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[record("1", lifecyclestage="marketingqualifiedlead")],
        contact_history=[was("1", "lead", 1), was("1", "marketingqualifiedlead", 4)],
    )
    assert changes(warehouse) == [
        ("1", "lead", day(1), "history"),
        ("1", "marketingqualifiedlead", day(4), "history"),
    ]


def test_a_move_back_is_a_change_like_any_other(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[record("1", lifecyclestage="lead")],
        contact_history=[was("1", "salesqualifiedlead", 1), was("1", "lead", 2)],
    )
    assert [stage for _, stage, *_ in changes(warehouse)] == ["salesqualifiedlead", "lead"]


def test_a_cleared_stage_is_no_change_and_the_same_stage_after_it_is_one(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[record("1", lifecyclestage="lead")],
        contact_history=[was("1", "lead", 1), was("1", None, 2), was("1", "lead", 3)],
    )
    assert [(stage, at) for _, stage, at, _ in changes(warehouse)] == [
        ("lead", day(1)),
        ("lead", day(3)),
    ]


def test_a_present_stage_that_the_history_does_not_end_in_wins_when_last_modified(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[
            record("1", lifecyclestage="salesqualifiedlead", lastmodifieddate=day(9)),
        ],
        contact_history=[was("1", "lead", 1)],
    )
    assert changes(warehouse)[-1] == ("1", "salesqualifiedlead", day(9), "observed")


def entered(**stages: datetime) -> str:
    """What a record's properties say of when it entered its stages last."""
    return ";".join(f"{stage}={at.isoformat()}.123Z" for stage, at in stages.items())


def entered_on(number: int) -> datetime:
    return day(number) + timedelta(milliseconds=123)


def test_a_stage_that_the_history_tells_of_is_not_told_again_by_its_date(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[
            record("1", lifecyclestage="lead", stages_entered=entered(lead=day(1))),
        ],
        contact_history=[was("1", "lead", 1)],
    )
    assert changes(warehouse) == [("1", "lead", day(1), "history")]


def test_without_a_history_the_record_s_own_dates_tell_when_its_stages_were_entered(
    warehouse: Database,
) -> None:
    dates = entered(lead=day(1), marketingqualifiedlead=day(4))
    have(
        warehouse,
        contacts=[
            record(
                "1",
                lifecyclestage="marketingqualifiedlead",
                lastmodifieddate=day(9),
                stages_entered=dates,
            )
        ],
        deals=[record("7", dealstage="a7", stages_entered=entered(a7=day(2)))],
        pipeline_stages=[record("a7", pipeline_id="default", label="Appointment")],
    )
    assert changes(warehouse) == [
        ("1", "lead", entered_on(1), "timestamp_property"),
        ("1", "marketingqualifiedlead", entered_on(4), "timestamp_property"),
        ("7", "Appointment", entered_on(2), "timestamp_property"),
    ]


def test_a_history_that_was_cut_off_is_filled_up_by_the_record_s_own_dates(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[
            record(
                "1",
                lifecyclestage="salesqualifiedlead",
                stages_entered=entered(lead=day(1), salesqualifiedlead=day(6)),
            )
        ],
        contact_history=[was("1", "marketingqualifiedlead", 4), was("1", "salesqualifiedlead", 6)],
    )
    assert changes(warehouse) == [
        ("1", "lead", entered_on(1), "timestamp_property"),
        ("1", "marketingqualifiedlead", day(4), "history"),
        ("1", "salesqualifiedlead", day(6), "history"),
    ]


def test_where_a_date_contradicts_the_history_the_history_is_believed(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[record("1", lifecyclestage="lead", stages_entered=entered(lead=day(8)))],
        contact_history=[was("1", "lead", 1)],
    )
    assert changes(warehouse) == [("1", "lead", day(1), "history")]


def test_a_present_stage_whose_date_is_older_than_the_history_is_a_disagreement(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[
            record(
                "1",
                lifecyclestage="lead",
                lastmodifieddate=day(9),
                stages_entered=entered(lead=day(1)),
            )
        ],
        contact_history=[was("1", "marketingqualifiedlead", 4)],
    )
    assert changes(warehouse) == [
        ("1", "lead", entered_on(1), "timestamp_property"),
        ("1", "marketingqualifiedlead", day(4), "history"),
        ("1", "lead", day(9), "observed"),
    ]


def test_a_date_that_is_none_dates_nothing_and_is_told(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[
            record(
                "1", lifecyclestage="lead", lastmodifieddate=day(9), stages_entered="lead=last week"
            )
        ],
    )
    assert changes(warehouse) == [
        ("1", "lead", day(9), "observed"),
        ("1", "lead", None, "timestamp_property"),
    ]
    assert table(warehouse, "input_excluded", "reason, detail") == [
        ("missing_value", "changed_at is absent")
    ]


def reasons(database: Database) -> list[Any]:
    return table(
        database,
        "int_hubspot__stage_changes",
        "subject, stage, changed_at, reason",
        "subject, changed_at, stage",
    )


def test_why_a_contact_was_not_wanted_is_what_the_property_said_before_the_status_changed_again(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[record("1", hs_lead_status="UNQUALIFIED", disqualification_reason="No budget")],
        contact_history=[
            was("1", "UNQUALIFIED", 1, prop="hs_lead_status"),
            was("1", "Too small", 1, prop=REASON),
            was("1", "No fit", 2, prop=REASON),
            was("1", "NEW", 5, prop="hs_lead_status"),
            was("1", None, 5, prop=REASON),
            was("1", "UNQUALIFIED", 8, prop="hs_lead_status"),
            was("1", "No budget", 9, prop=REASON),
        ],
    )
    assert reasons(warehouse) == [
        ("1", "UNQUALIFIED", day(1), "No fit"),
        ("1", "NEW", day(5), None),
        ("1", "UNQUALIFIED", day(8), "No budget"),
    ]


def test_without_a_history_of_the_reason_the_present_one_is_the_last_exit_s(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[record("1", hs_lead_status="UNQUALIFIED", disqualification_reason="No budget")],
        contact_history=[
            was("1", "UNQUALIFIED", 1, prop="hs_lead_status"),
            was("1", "NEW", 5, prop="hs_lead_status"),
            was("1", "UNQUALIFIED", 8, prop="hs_lead_status"),
        ],
    )
    assert [reason for *_, reason in reasons(warehouse)] == [None, None, "No budget"]


def test_a_stage_that_is_no_exit_has_no_reason_however_old_one_stays(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[record("1", hs_lead_status="NEW", disqualification_reason="No budget")],
        contact_history=[was("1", "NEW", 1, prop="hs_lead_status"), was("1", "No", 0, prop=REASON)],
    )
    assert reasons(warehouse) == [("1", "NEW", day(1), None)]


def test_why_a_deal_was_lost_is_the_reason_of_its_loss_and_of_nothing_before(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        deals=[record("7", dealstage="l", closed_lost_reason="Price")],
        deal_history=[
            was("7", "l", 1, prop="dealstage"),
            was("7", "a", 2, prop="dealstage"),
            was("7", "l", 3, prop="dealstage"),
        ],
        pipeline_stages=[
            record("a", pipeline_id="default", label="Appointment"),
            record("l", pipeline_id="default", label="Closed lost"),
        ],
    )
    assert [reason for *_, reason in reasons(warehouse)] == [None, None, "Price"]


def test_a_present_stage_keeps_the_date_of_the_load_that_saw_it_first(
    warehouse: Database,
) -> None:
    had = record("1", lifecyclestage="lead", lastmodifieddate=day(2))
    became = record("1", lifecyclestage="salesqualifiedlead", lastmodifieddate=day(5))
    renamed = became | {"_seq": 2, "lastname": "Lovelace", "lastmodifieddate": day(9)}
    have(
        warehouse,
        contacts=[
            had | {"_loaded_at": day(3)},
            became | {"_loaded_at": day(6)},
            renamed | {"_loaded_at": day(10)},
        ],
        contact_history=[was("1", "lead", 1)],
    )
    assert changes(warehouse)[-1] == ("1", "salesqualifiedlead", day(5), "observed")


def test_of_two_versions_at_the_same_moment_the_later_in_the_list_is_the_last(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        contacts=[record("1", lifecyclestage="marketingqualifiedlead", lastmodifieddate=day(9))],
        contact_history=[was("1", "lead", 1, 0), was("1", "marketingqualifiedlead", 1, 1)],
    )
    assert {evidence for *_, evidence in changes(warehouse)} == {"history"}


def test_a_property_that_the_agreement_does_not_name_tells_of_no_stage(
    warehouse: Database,
) -> None:
    other = was("1", "OPEN", 1, prop="hs_lead_status") | {"source": "other"}
    have(warehouse, contact_history=[other])
    assert changes(warehouse) == []


def test_a_deals_stage_is_known_by_its_label_or_by_its_id_where_it_has_none(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        deals=[record("7", pipeline="default", dealstage="gone")],
        pipeline_stages=[record("17", pipeline_id="default", label="Appointment")],
        deal_history=[was("7", "17", 1, prop="dealstage"), was("7", "gone", 2, prop="dealstage")],
    )
    assert [stage for _, stage, *_ in changes(warehouse)] == ["Appointment", "gone"]


def test_who_changed_a_stage_is_the_owner_that_the_user_is(warehouse: Database) -> None:
    have(
        warehouse,
        owners=[record("31", user_id="99")],
        contact_history=[was("1", "lead", 1, updated_by_user_id="99")],
    )
    assert table(warehouse, "int_hubspot__stage_changes", "changed_by") == [("31",)]


@pytest.mark.parametrize("entity", ["stage_changes", "deals"])
def test_a_stage_that_the_agreement_does_not_map_is_told_and_never_null(
    warehouse: Database, entity: str
) -> None:
    have(
        warehouse,
        deals=[record("7", pipeline="default", dealstage="odd")],
        deal_history=[was("7", "odd", 1, prop="dealstage")],
    )
    warehouse.build_with_parents("input_excluded", f"input_{entity}")
    told = warehouse.rows(
        f"select reason, detail from {{input_excluded}} where entity = '{entity}'"
    )
    assert [row["reason"] for row in told] == ["unmapped_stage"]
    assert "'odd'" in told[0]["detail"]
    assert DEAL_STAGE in told[0]["detail"]
    assert warehouse.rows(f"select stage from {{input_{entity}}}") == []


def test_a_survivor_and_those_merged_into_it_are_one_prospect(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[
            record("3", email="c@x.example", hs_merged_object_ids="1;2"),
            record("1", email="a@x.example"),
            record("2", email="b@x.example"),
            record("4", email="d@x.example"),
        ],
    )
    expected = {frozenset("123"), frozenset("4")}
    assert prospects(warehouse) == expected


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=st.permutations("123456"),
    n_merged=st.integers(1, 5),
    lists_all=st.booleans(),
    archived=st.booleans(),
)
def test_a_chain_of_merges_ends_in_one_prospect(
    warehouse: Database, order: list[str], n_merged: int, lists_all: bool, archived: bool
) -> None:
    # Each is merged into the next; a survivor may list all before it, or only the one.
    chain = order[: n_merged + 1]
    contacts = []
    for place, contact in enumerate(order):
        earlier = chain[:place] if contact in chain else []
        named = earlier if lists_all else earlier[-1:]
        merged = ";".join(named) or None
        contacts.append(record(contact, hs_merged_object_ids=merged))
        is_loser = contact in chain[:-1]
        if archived and is_loser and lists_all:
            contacts.append(gone("portal", contact, LOADED_AT + timedelta(days=1)))
    have(warehouse, contacts=contacts)
    alone = {frozenset(contact) for contact in order[n_merged + 1 :]}
    assert prospects(warehouse) == {frozenset(chain)} | alone


@pytest.mark.parametrize(
    ("stream", "fields", "expected"),
    [
        ("calls", {"hs_call_direction": "INBOUND"}, ("call", "in", False)),
        (
            "calls",
            {"hs_call_status": "COMPLETED", "hs_call_duration": 60000},
            ("call", "out", True),
        ),
        ("calls", {"hs_call_status": "NO_ANSWER", "hs_call_duration": 9}, ("call", "out", False)),
        ("emails", {"hs_email_direction": "EMAIL"}, ("email", "out", False)),
        ("emails", {"hs_email_direction": "INCOMING_EMAIL"}, ("email_reply", "in", True)),
        ("meetings", {"hs_meeting_outcome": "COMPLETED"}, ("meeting", "out", True)),
        ("tasks", {"hs_task_status": "COMPLETED"}, ("task", "out", False)),
    ],
)
def test_an_engagement_has_a_direction_and_is_two_way_where_both_took_part(
    warehouse: Database, stream: str, fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    have(warehouse, **{stream: [record("5", hs_timestamp=day(1), **fields)]})
    [touch] = touches(warehouse, "kind, direction, is_two_way, is_automated")
    assert touch == (*expected, False)


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        ("calls", {"hs_call_status": "CANCELED"}),
        ("emails", {"hs_email_status": "BOUNCED"}),
        ("meetings", {"hs_meeting_outcome": "NO_SHOW"}),
        ("tasks", {"hs_task_status": "NOT_STARTED"}),
    ],
)
def test_what_did_not_take_place_is_no_touch(
    warehouse: Database, stream: str, fields: dict[str, Any]
) -> None:
    have(warehouse, **{stream: [record("5", hs_timestamp=day(1), **fields)]})
    assert touches(warehouse, "kind") == []


def test_an_engagement_with_two_contacts_is_a_touch_of_each_on_its_deal(
    warehouse: Database,
) -> None:
    associated = [("contacts", "1"), ("contacts", "2"), ("deals", "7")]
    have(
        warehouse,
        meetings=[record("5", hs_timestamp=day(1), hubspot_owner_id="31")],
        meeting_associations=[
            version("portal", f"5|{to_type}|{to_id}", from_id="5", to_type=to_type, to_id=to_id)
            for to_type, to_id in associated
        ],
    )
    expected = [("1", "7", "31"), ("2", "7", "31")]
    assert touches(warehouse, 'person, deal, "user"') == expected


def test_a_form_submission_is_the_touch_of_the_contact_with_that_address(
    warehouse: Database,
) -> None:
    sent = {"form_id": "f", "email": "ANN@x.example", "submitted_at": day(2)}
    have(
        warehouse,
        contacts=[record("1", email="ann@x.example")],
        form_submissions=[version("portal", "s", **sent)],
        campaign_assets=[
            version("portal", "a", campaign_id="c", asset_type="FORM", asset_id="f"),
        ],
        forms=[record("f", name="Demo"), record("g", name="Trial")],
    )
    told = touches(warehouse, "person, kind, campaign, content, direction, team, occurred_at")
    assert told == [("1", "form_submission", "c", "Demo", "in", "marketing", day(2))]


def test_what_a_link_says_comes_before_what_the_form_is_part_of(warehouse: Database) -> None:
    warehouse.fill("agreement.channel_rules", [{"position": 1, "channel": "Ads", "medium": "cpc"}])
    sent = {"form_id": "f", "email": "ann@x.example", "submitted_at": day(2)}
    link = "https://x.example/demo?utm_medium=cpc&utm_campaign=Spring%2026&utm_content=blue"
    have(
        warehouse,
        form_submissions=[
            version("portal", "a", page_url=link, **sent),
            version("portal", "b", page_url="https://x.example/demo", **sent),
        ],
        campaign_assets=[
            version("portal", "a", campaign_id="c", asset_type="FORM", asset_id="f"),
        ],
        forms=[record("f", name="Demo")],
    )
    assert touches(warehouse, "channel, campaign, content") == [
        ("Ads", "Spring 26", "blue"),
        (None, "c", "Demo"),
    ]


def test_a_form_or_event_of_which_no_name_is_known_is_called_by_its_id(
    warehouse: Database,
) -> None:
    sent = {"form_id": "f", "email": "ann@x.example", "submitted_at": day(2)}
    attended = {"event_id": "e", "attendance_state": "ATTENDED", "occurred_at": day(3)}
    have(
        warehouse,
        form_submissions=[version("portal", "s", **sent)],
        marketing_event_participations=[version("portal", "p", **attended)],
    )
    assert touches(warehouse, "content") == [("e",), ("f",)]


@pytest.mark.parametrize(
    ("address", "contact"),
    [("ann@home.example", "1"), ("Ben@x.example", "2"), ("c@x.example", None)],
)
def test_a_form_submission_from_an_address_of_a_merged_contact_is_the_survivors(
    warehouse: Database, address: str, contact: str | None
) -> None:
    have(
        warehouse,
        contacts=[
            record(
                "1",
                email="ann@x.example",
                hs_additional_emails="ann@old.example; Ann@home.example;ben@x.example",
            ),
            record("2", email="ben@x.example"),
        ],
        form_submissions=[
            version("portal", "s", form_id="f", email=address, submitted_at=day(2)),
        ],
    )
    assert touches(warehouse, "person") == [(contact,)]


def test_only_who_attended_an_event_is_touched_by_it(warehouse: Database) -> None:
    have(
        warehouse,
        marketing_events=[
            record("e", event_type="Webinar series", event_name="How to"),
            record("g", event_type="Fair"),
        ],
        marketing_event_participations=[
            version("portal", event + contact, event_id=event, contact_id=contact, **fields)
            for event, contact, fields in [
                ("e", "1", {"attendance_state": "ATTENDED", "occurred_at": day(3)}),
                ("e", "2", {"attendance_state": "REGISTERED", "occurred_at": day(3)}),
                ("g", "3", {"attendance_state": "ATTENDED", "occurred_at": day(4)}),
            ]
        ],
    )
    assert touches(warehouse, "person, kind, is_two_way, content") == [
        ("1", "webinar", True, "How to"),
        ("3", "event", True, "g"),
    ]


@pytest.mark.parametrize(
    ("what", "is_bot", "expected"),
    [
        ("SENT", False, ("email_sent", "out", True)),
        ("OPEN", False, ("email_open", "in", True)),
        ("CLICK", False, ("email_click", "in", False)),
        ("CLICK", True, ("email_click", "in", True)),
    ],
)
def test_of_marketing_mail_only_a_click_by_a_person_is_no_machines_doing(
    warehouse: Database, what: str, is_bot: bool, expected: tuple[Any, ...]
) -> None:
    event = record("5", type=what, created=day(1), filtered_event=is_bot, recipient="a@x.example")
    have(warehouse, email_events=[event])
    assert touches(warehouse, "kind, direction, is_automated") == [expected]


def test_a_click_is_of_the_campaign_whose_mail_was_sent(warehouse: Database) -> None:
    have(
        warehouse,
        marketing_emails=[
            record("m", campaign_id="c", name="Spring", email_campaign_ids='["11", "12"]')
        ],
        email_events=[record("5", type="CLICK", created=day(1), email_campaign_id="12")],
    )
    assert touches(warehouse, "campaign, content") == [("c", "Spring")]


def test_spend_counts_on_the_business_day_on_which_it_was_written_down(
    warehouse: Database,
) -> None:
    late = datetime(2026, 3, 2, 23, 30)
    have(
        warehouse,
        campaigns=[record("c", hs_currency_code="EUR")],
        campaign_spend=[
            version("portal", "c|1", campaign_id="c", amount=Decimal("12.50"), created_at=late)
        ],
    )
    assert table(warehouse, "int_hubspot__spend", "day, campaign, amount, currency") == [
        (date(2026, 3, 3), "c", Decimal("12.50"), "EUR"),
    ]


def test_a_deal_names_its_contacts_once_each_and_the_primary_one(warehouse: Database) -> None:
    have(
        warehouse,
        deal_associations=[
            version("portal", label, from_id="7", to_type="contacts", to_id=contact, label=label)
            for contact, label in [("1", "Primary"), ("2", "Champion"), ("2", "Billing")]
        ],
    )
    assert table(warehouse, "int_hubspot__deal_persons", "deal, person, is_primary") == [
        ("7", "1", True),
        ("7", "2", False),
    ]


def test_a_deleted_contact_keeps_its_last_values_and_is_marked(warehouse: Database) -> None:
    have(
        warehouse,
        contacts=[
            record("1", email="ann@x.example"),
            gone("portal", "1", LOADED_AT + timedelta(days=1)),
        ],
    )
    assert table(warehouse, "int_hubspot__persons", "record_id, email, is_deleted") == [
        ("1", "ann@x.example", True),
    ]
