"""What a Salesforce org's records become in the input layer: one rule of the mapping a test."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
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

STATUS = "org.leads.status"
STAGE = "org.opportunities.stage_name"
WORDS = {
    STATUS: {"Open": "lead", "Working": "mql", "Qualified": "sql", "Unqualified": "disqualified"},
    STAGE: {"Prospecting": "opportunity", "Closed Won": "won", "Closed Lost": "lost"},
    "portal.deals.dealstage": {"Closed won": "won"},
}


@pytest.fixture(scope="module")
def warehouse(project: CompiledProject) -> Database:
    database = project.database()
    open_warehouse(database)
    stage_words(database, WORDS)
    database.fill("agreement.settings", [{"max_group_size": 50, "reporting_currency": "EUR"}])
    exits(database)
    chosen = {"source": "org", "column_name": "disqualification_reason", "field": "Why__c"}
    database.fill(
        "bound.chosen_fields", [chosen | {"stream": s} for s in ("leads", "lead_history")]
    )
    return database


def have(database: Database, **streams: list[dict[str, Any]]) -> None:
    given_records(database, "hubspot")
    given_records(database, "salesforce", **streams)


def record(record_id: str, **fields: Any) -> dict[str, Any]:
    return version("org", record_id, id=record_id, **fields)


def moved(
    lead: str, old: str | None, new: str | None, on: int, field: str = "Status"
) -> dict[str, Any]:
    """A row of LeadHistory: the lead's status, or another field, went from `old` to `new`."""
    fields = {"field": field, "old_value": old, "new_value": new, "created_by_id": "u"}
    return record(f"{lead}{field}{on}", lead_id=lead, created_date=day(on), **fields)


def stood(deal: str, stage: str, on: int, **fields: Any) -> dict[str, Any]:
    """A row of OpportunityHistory."""
    row_id = f"{deal}h{on}"
    return record(row_id, opportunity_id=deal, stage_name=stage, created_date=day(on), **fields)


def changes(database: Database) -> list[Any]:
    return table(
        database,
        "int_salesforce__stage_changes",
        "subject, stage, changed_at, evidence",
        "subject, changed_at, stage",
    )


def touches(database: Database, columns: str) -> list[Any]:
    return table(database, "int_salesforce__touches", columns, "record_key")


def test_the_first_status_is_the_old_one_of_the_first_change_from_creation_on(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        leads=[record("L", status="Qualified", created_date=day(0))],
        lead_history=[moved("L", "Open", "Working", 3), moved("L", "Working", "Qualified", 5)],
    )
    assert changes(warehouse) == [
        ("L", "Open", day(0), "timestamp_property"),
        ("L", "Working", day(3), "history"),
        ("L", "Qualified", day(5), "history"),
    ]


def test_a_lead_without_history_has_had_its_status_since_it_was_created(
    warehouse: Database,
) -> None:
    have(warehouse, leads=[record("L", status="Open", created_date=day(0))])
    assert changes(warehouse) == [("L", "Open", day(0), "timestamp_property")]


def test_a_lead_that_began_without_status_did_not_begin_in_its_present_one(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        leads=[record("L", status="Working", created_date=day(0))],
        lead_history=[moved("L", None, "Working", 3)],
    )
    assert changes(warehouse) == [("L", "Working", day(3), "history")]


def test_a_status_that_goes_back_is_a_change_like_any_other(warehouse: Database) -> None:
    have(
        warehouse,
        leads=[record("L", status="Open", created_date=day(0))],
        lead_history=[moved("L", "Open", "Working", 3), moved("L", "Working", "Open", 5)],
    )
    assert [stage for _, stage, *_ in changes(warehouse)] == ["Open", "Working", "Open"]


def test_a_present_status_that_the_history_does_not_end_in_wins(warehouse: Database) -> None:
    have(
        warehouse,
        leads=[record("L", status="Qualified", created_date=day(0), system_modstamp=day(8))],
        lead_history=[moved("L", "Open", "Working", 3)],
    )
    assert changes(warehouse)[-1] == ("L", "Qualified", day(8), "observed")


def reasons(database: Database) -> list[Any]:
    return table(
        database,
        "int_salesforce__stage_changes",
        "stage, changed_at, reason",
        "subject, changed_at, stage",
    )


def test_why_a_lead_was_not_wanted_is_what_the_field_said_before_the_status_changed_again(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        leads=[record("L", status="Unqualified", created_date=day(0))],
        lead_history=[
            moved("L", "Open", "Unqualified", 1),
            moved("L", None, "No fit", 1, "Why__c"),
            moved("L", "Unqualified", "Working", 5),
            moved("L", "No fit", None, 5, "Why__c"),
            moved("L", "Working", "Unqualified", 8),
            moved("L", None, "No budget", 9, "Why__c"),
        ],
    )
    assert reasons(warehouse) == [
        ("Open", day(0), None),
        ("Unqualified", day(1), "No fit"),
        ("Working", day(5), None),
        ("Unqualified", day(8), "No budget"),
    ]


def test_what_the_reason_was_before_its_first_change_is_the_old_value_of_that(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        leads=[record("L", status="Working", created_date=day(0))],
        lead_history=[
            moved("L", "Unqualified", "Working", 5),
            moved("L", "Bad data", "Other", 6, "Why__c"),
        ],
    )
    assert reasons(warehouse) == [
        ("Unqualified", day(0), "Bad data"),
        ("Working", day(5), None),
    ]


def test_without_a_history_of_the_reason_the_present_one_is_the_last_exit_s(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        leads=[
            record("L", status="Unqualified", created_date=day(0), disqualification_reason="No fit")
        ],
        lead_history=[
            moved("L", "Unqualified", "Working", 3),
            moved("L", "Working", "Unqualified", 5),
        ],
    )
    assert [reason for *_, reason in reasons(warehouse)] == [None, None, "No fit"]


def test_why_an_opportunity_closed_is_what_the_field_says_once_it_is_closed(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        opportunities=[
            record("D", stage_name="Closed Lost", is_closed=True, close_reason="Price"),
            record("E", stage_name="Prospecting", is_closed=False, close_reason="Price"),
        ],
        opportunity_history=[stood("D", "Prospecting", 1), stood("D", "Closed Lost", 3)],
    )
    assert reasons(warehouse)[:2] == [
        ("Prospecting", day(1), None),
        ("Closed Lost", day(3), "Price"),
    ]
    assert table(warehouse, "int_salesforce__deals", "record_id, close_reason") == [
        ("D", "Price"),
        ("E", None),
    ]


def test_a_row_of_the_history_that_keeps_the_stage_is_no_change(warehouse: Database) -> None:
    have(
        warehouse,
        opportunities=[record("006D", stage_name="Closed Won", created_date=day(1))],
        opportunity_history=[
            stood("006D", "Prospecting", 1),
            stood("006D", "Prospecting", 2, amount=Decimal(9)),
            stood("006D", "Closed Won", 6),
        ],
    )
    assert changes(warehouse) == [
        ("006D", "Prospecting", day(1), "history"),
        ("006D", "Closed Won", day(6), "history"),
    ]


def test_an_opportunity_without_history_has_had_its_stage_since_it_was_created(
    warehouse: Database,
) -> None:
    have(warehouse, opportunities=[record("006D", stage_name="Prospecting", created_date=day(1))])
    assert changes(warehouse) == [("006D", "Prospecting", day(1), "timestamp_property")]


def test_a_present_stage_that_the_history_does_not_end_in_wins_when_it_last_changed(
    warehouse: Database,
) -> None:
    deal = record("006D", stage_name="Closed Won", last_stage_change_date=day(7))
    have(
        warehouse,
        opportunities=[deal],
        opportunity_history=[stood("006D", "Prospecting", 1)],
    )
    assert changes(warehouse)[-1] == ("006D", "Closed Won", day(7), "observed")


def test_a_deal_closed_when_its_history_says_and_else_on_its_close_date(
    warehouse: Database,
) -> None:
    closed = {"stage_name": "Closed Won", "is_closed": True, "close_date": date(2026, 3, 31)}
    have(
        warehouse,
        opportunities=[record("006A", **closed), record("006B", **closed)],
        opportunity_history=[stood("006A", "Closed Won", 6)],
    )
    assert table(warehouse, "int_salesforce__deals", "record_id, closed_at") == [
        ("006A", day(6)),
        ("006B", day(29)),
    ]


@pytest.mark.parametrize("entity", ["stage_changes", "deals"])
def test_a_stage_that_the_agreement_does_not_map_is_told_and_never_null(
    warehouse: Database, entity: str
) -> None:
    have(warehouse, opportunities=[record("006D", stage_name="Odd", created_date=day(1))])
    warehouse.build_with_parents("input_excluded", f"input_{entity}")
    told = warehouse.rows(
        f"select reason, detail from {{input_excluded}} where entity = '{entity}'"
    )
    assert [row["reason"] for row in told] == ["unmapped_stage"]
    assert "'Odd'" in told[0]["detail"]
    assert STAGE in told[0]["detail"]
    assert warehouse.rows(f"select stage from {{input_{entity}}}") == []


def test_a_converted_lead_and_its_contact_are_one_prospect(warehouse: Database) -> None:
    have(
        warehouse,
        leads=[record("L", converted_contact_id="C", is_converted=True), record("M")],
        contacts=[record("C")],
    )
    assert prospects(warehouse) == {frozenset("LC"), frozenset("M")}


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations("ABCDEF"), n_merged=st.integers(1, 5), is_gone=st.booleans())
def test_a_chain_of_merges_ends_in_one_prospect(
    warehouse: Database, order: list[str], n_merged: int, is_gone: bool
) -> None:
    chain = order[: n_merged + 1]
    survivors = dict(pairwise(chain))
    contacts = [
        record(contact, master_record_id=survivors.get(contact))
        | {"_deleted": is_gone and contact in survivors}
        for contact in order
    ]
    have(warehouse, contacts=contacts)
    alone = {frozenset(contact) for contact in order[n_merged + 1 :]}
    assert prospects(warehouse) == {frozenset(chain)} | alone


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"task_subtype": "Call", "call_type": "Inbound"}, ("call", "in", False, False)),
        (
            {"task_subtype": "Call", "call_disposition": "Connected - interested"},
            ("call", "out", True, False),
        ),
        ({"task_subtype": "Call", "call_disposition": "Voicemail"}, ("call", "out", False, False)),
        ({"task_subtype": "Email"}, ("email", "out", False, False)),
        ({"task_subtype": "ListEmail"}, ("email", "out", False, True)),
        ({"type": "Other"}, ("task", "out", False, False)),
    ],
)
def test_a_closed_task_is_a_touch_of_its_kind_and_direction(
    warehouse: Database, fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    task = record("T", is_closed=True, who_id="C", completed_date_time=day(1), **fields)
    have(warehouse, tasks=[task])
    assert touches(warehouse, "kind, direction, is_two_way, is_automated") == [expected]


def test_an_open_task_is_no_touch(warehouse: Database) -> None:
    have(warehouse, tasks=[record("T", is_closed=False, created_date=day(1))])
    assert touches(warehouse, "kind") == []


def test_an_event_is_a_two_way_meeting_on_the_opportunity_that_it_is_about(
    warehouse: Database,
) -> None:
    have(
        warehouse,
        events=[
            record("E", who_id="C", what_id="006D", start_date_time=day(2)),
            record("F", who_id="C", what_id="001A", start_date_time=day(3)),
        ],
    )
    assert touches(warehouse, "kind, is_two_way, deal") == [
        ("meeting", True, "006D"),
        ("meeting", True, None),
    ]


def test_a_member_who_responded_is_touched_by_the_campaign_on_that_day(
    warehouse: Database,
) -> None:
    answered = {"has_responded": True, "first_responded_date": date(2026, 3, 5)}
    have(
        warehouse,
        campaigns=[record("W", type="Webinar"), record("X", type="Content")],
        campaign_members=[
            record("1", campaign_id="W", lead_id="L", contact_id="C", **answered),
            record("2", campaign_id="X", lead_id="L", **answered),
            record("3", campaign_id="X", lead_id="M", has_responded=False),
        ],
    )
    assert touches(warehouse, "person, kind, channel, campaign, team, occurred_at") == [
        ("C", "webinar", "Webinar", "W", "marketing", day(3)),
        ("L", "campaign_response", "Content", "X", "marketing", day(3)),
    ]


def test_a_campaigns_cost_is_spent_on_the_day_on_which_it_began(warehouse: Database) -> None:
    began = date(2026, 3, 9)
    have(
        warehouse,
        campaigns=[
            record("W", type="Event", start_date=began, actual_cost=Decimal(700)),
            record("X", created_date=day(1), actual_cost=Decimal(5)),
            record("Y", start_date=began, actual_cost=Decimal(0)),
        ],
    )
    assert table(warehouse, "int_salesforce__spend", "campaign, day, amount") == [
        ("W", began, Decimal(700)),
        ("X", date(2026, 3, 3), Decimal(5)),
    ]


def test_a_dated_rate_holds_up_to_but_without_the_day_of_the_next(warehouse: Database) -> None:
    days = [date(2026, 3, number) for number in (2, 3, 4)]
    spans = [
        ("1", "USD", 1, days[0], None),
        ("2", "EUR", "0.8", days[0], days[2]),
        ("3", "EUR", "0.5", days[2], None),
    ]
    warehouse.fill("agreement.business_days", [{"day": one} for one in days])
    have(
        warehouse,
        dated_conversion_rates=[
            record(row, iso_code=code, conversion_rate=rate, start_date=start, next_start_date=end)
            for row, code, rate, start, end in spans
        ],
    )
    # One dollar in euros is what one unit of the corporate currency, the dollar, is in euros.
    assert table(warehouse, "int_salesforce__exchange_rates", "day, currency, rate") == [
        (days[0], "USD", Decimal("0.8")),
        (days[1], "USD", Decimal("0.8")),
        (days[2], "USD", Decimal("0.5")),
    ]


def test_a_deleted_opportunity_keeps_its_last_values_and_is_marked(warehouse: Database) -> None:
    have(
        warehouse,
        opportunities=[
            record("006D", name="Big one", stage_name="Prospecting"),
            gone("org", "006D", LOADED_AT + timedelta(days=1)),
        ],
    )
    assert table(warehouse, "int_salesforce__deals", "name, is_deleted") == [("Big one", True)]


OPPORTUNITY = "006000000000001AAA"


def both_keep_it(warehouse: Database, **fields: Any) -> None:
    opportunity = record(OPPORTUNITY, name="in Salesforce", stage_name="Prospecting")
    have(warehouse, opportunities=[opportunity | fields])
    copied = {"hs_salesforceopportunityid": OPPORTUNITY, "dealname": "in HubSpot"}
    deal = version("portal", "7", id="7", dealstage="Closed won", createdate=day(1), **copied)
    call = version("portal", "5", id="5", hs_timestamp=day(2))
    logged = version("portal", "5|7", from_id="5", to_type="deals", to_id="7")
    given_records(warehouse, "hubspot", deals=[deal], calls=[call], call_associations=[logged])


def test_a_deal_that_both_systems_keep_is_the_opportunity_once(warehouse: Database) -> None:
    both_keep_it(warehouse)
    assert table(warehouse, "input_deals", "name, stage") == [("in Salesforce", "opportunity")]


def test_what_is_logged_on_the_copy_is_logged_on_the_deal(warehouse: Database) -> None:
    both_keep_it(warehouse)
    warehouse.build_with_parents("input_deals", "input_touches")
    rows = warehouse.rows(
        "select deals.name from {input_touches} as touches "
        "inner join {input_deals} as deals on touches.deal_key = deals.deal_key"
    )
    assert rows == [{"name": "in Salesforce"}]


def test_a_deal_stays_in_hubspot_when_its_opportunity_is_deleted(warehouse: Database) -> None:
    both_keep_it(warehouse, _deleted=True)
    names = table(warehouse, "input_deals", "name, is_deleted")
    assert names == [("in HubSpot", False), ("in Salesforce", True)]
