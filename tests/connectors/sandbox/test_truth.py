"""The truth holds together, and the exports say of it what systems would."""

from itertools import pairwise

import pytest

from tests.connectors.sandbox.conftest import COMPANY, Query


def test_the_company_has_the_prospects_that_were_asked_for(query: Query) -> None:
    own = query("select count(*) from prospects where joined_deal_of is null")
    assert own == [(COMPANY.prospects,)]


def test_nothing_happens_before_the_history_or_after_it(query: Query) -> None:
    outside = query(
        "select count(*) from touches where occurred_at < '2025-03-31 00:00:00+00' "
        "or occurred_at >= '2026-10-01 00:00:00+00'"
    )
    assert outside == [(0,)]


def test_the_stages_of_a_journey_come_in_their_order(query: Query) -> None:
    ladder = ["aware", "lead", "mql", "sal", "sql", "opportunity"]
    steps = [
        *pairwise(ladder),
        ("opportunity", "won"),
        ("opportunity", "lost"),
    ]
    disorder = " or ".join(f"{low}_at >= {high}_at" for low, high in steps)
    assert query(f"select * from journeys where {disorder}") == []


@pytest.mark.parametrize("stage", ["won", "lost", "disqualified"])
def test_a_journey_has_the_time_of_its_outcome_and_of_no_other(query: Query, stage: str) -> None:
    wrong = f"select * from journeys where (outcome = '{stage}') <> ({stage}_at is not null)"
    assert query(wrong) == []


def test_a_next_journey_begins_after_the_one_before_was_disqualified(query: Query) -> None:
    again = query(
        """
        select later.mql_at > earlier.disqualified_at from journeys as later
        left join journeys as earlier on later.prospect = earlier.prospect
            and later.journey_seq = earlier.journey_seq + 1
        where later.journey_seq > 1
        """
    )
    assert again != []
    assert set(again) == {(True,)}


def test_every_disqualification_is_recorded_once(query: Query) -> None:
    recorded = query(
        """
        select count(*) from (
            select "Contact ID" from marketing_lifecycle_history
            where "Lifecycle Stage" = 'unqualified'
            union all select "LeadId" from crm_lead_history where "NewStatus" = 'Unqualified'
        )
        """
    )
    assert recorded == query("select count(*) from journeys where disqualified_at is not null")


def test_why_sales_turned_a_handoff_down_is_what_it_wrote_down_then(query: Query) -> None:
    astray = query(
        """
        select * from handoffs
        left join records
            on handoffs.prospect = records.prospect
            and records.source = 'crm' and records.stream = 'leads'
        left join crm_lead_history as told
            on told."LeadId" = records.record_id
            and cast(told."CreatedDate" as timestamptz) = handoffs.decided_at
        where handoffs.decision in ('rejected', 'recycled')
        qualify max(coalesce(told."Reason" = handoffs.reason, false)) over (
            partition by handoffs.prospect, handoffs.handoff_seq
        ) = false
        """
    )
    assert astray == []
    kept = query(
        "select distinct reason is not null, decision in ('rejected', 'recycled') "
        "from handoffs where decision is not null"
    )
    assert set(kept) == {(True, True), (False, False)}


def test_every_record_is_of_one_prospect(query: Query) -> None:
    assert (
        query("select 1 from records group by source, stream, record_id having count(*) > 1") == []
    )
    assert query("select * from records anti join prospects using (prospect)") == []


@pytest.mark.parametrize(
    ("source", "stream", "key"),
    [
        ("marketing", "contacts", '"Record ID"'),
        ("crm", "leads", '"Id"'),
        ("crm", "contacts", '"Id"'),
    ],
)
def test_the_truth_knows_exactly_the_records_that_were_exported(
    query: Query, source: str, stream: str, key: str
) -> None:
    exported = f"select {key} from {source}_{stream} order by 1"
    records = f"from records where source = '{source}' and stream = '{stream}'"
    known = f"select record_id {records} order by 1"
    assert query(exported) == query(known)


def test_records_of_one_address_are_one_prospect(query: Query) -> None:
    shared = query(
        """
        with addresses as (
            select 'marketing' as source, 'contacts' as stream, "Record ID" as record_id,
                lower("Email") as email from marketing_contacts
            union all select 'crm', 'leads', "Id", lower("Email") from crm_leads
            union all select 'crm', 'contacts', "Id", lower("Email") from crm_contacts
        )
        select email from addresses join records using (source, stream, record_id)
        group by email having count(distinct prospect) > 1
        """
    )
    assert shared == []


def test_there_are_copies_merges_tags_and_spellings_to_be_resolved(query: Query) -> None:
    [(copies, merged, tagged)] = query(
        """
        select count(*) filter (where cast("Record ID" as bigint) % 4 = 1),
            count("Merged Into"), count(*) filter (where "Email" like '%+%') from marketing_contacts
        """
    )
    [(loud,)] = query("""select count(*) from crm_leads where "Email" <> lower("Email")""")
    assert min(copies, merged, tagged, loud) > 0


def test_a_merged_record_points_at_a_record_of_the_same_prospect(query: Query) -> None:
    astray = query(
        """
        select * from marketing_contacts as copy
        join records as own on own.record_id = copy."Record ID" and own.source = 'marketing'
        left join records as main
            on main.record_id = copy."Merged Into" and main.source = 'marketing'
        where copy."Merged Into" is not null and main.prospect is distinct from own.prospect
        """
    )
    assert astray == []


def test_a_converted_lead_points_at_the_contact_of_its_prospect(query: Query) -> None:
    astray = query(
        """
        select * from crm_leads as lead join records as own on own.record_id = lead."Id"
        left join records as contact on contact.record_id = lead."ConvertedContactId"
        where lead."ConvertedContactId" is not null
            and contact.prospect is distinct from own.prospect
        """
    )
    assert astray == []


def test_won_amounts_in_sales_system_are_those_of_the_truth(query: Query) -> None:
    exported = query(
        """
        select "CurrencyIsoCode", sum(cast("Amount" as decimal(18, 2))), count(*)
        from crm_opportunities where "StageName" = 'Closed Won' group by 1 order by 1
        """
    )
    true = query(
        "select currency, sum(amount), count(*) from deals where outcome = 'won' "
        "group by 1 order by 1"
    )
    assert exported == true
    assert [currency for currency, *_ in true] == ["EUR", "GBP", "USD"]


def test_the_last_stage_of_a_deal_is_the_one_that_it_is_in(query: Query) -> None:
    differs = query(
        """
        with last_of_deal as (
            select "OpportunityId", max_by("StageName", "CreatedDate") as stage
            from crm_opportunity_history group by 1
        )
        select * from crm_opportunities as deals
        left join last_of_deal on deals."Id" = last_of_deal."OpportunityId"
        where deals."StageName" is distinct from last_of_deal.stage
        """
    )
    assert differs == []


def test_every_deal_has_a_primary_contact_role(query: Query) -> None:
    primary = query(
        """
        select count(*) from crm_opportunities as deals
        left join crm_opportunity_contact_roles as roles
        on deals."Id" = roles."OpportunityId" and roles."IsPrimary" = 'true'
        group by deals."Id"
        """
    )
    assert set(primary) == {(1,)}


@pytest.mark.parametrize(
    ("activity", "column", "people"),
    [
        ("marketing_web_activity", "Contact ID", "marketing_contacts"),
        ("marketing_attendance", "Contact ID", "marketing_contacts"),
        ("marketing_email_events", "contact", "marketing_contacts"),
        ("marketing_lifecycle_history", "Contact ID", "marketing_contacts"),
        ("crm_lead_history", "LeadId", "crm_leads"),
        ("crm_opportunity_contact_roles", "ContactId", "crm_contacts"),
    ],
)
def test_what_is_recorded_of_a_person_is_of_one_who_was_exported(
    query: Query, activity: str, column: str, people: str
) -> None:
    key = "Record ID" if people.startswith("marketing") else "Id"
    orphans = query(
        f"select * from {activity} as a anti join {people} as p "
        f'on cast(a."{column}" as text) = p."{key}"'
    )
    assert orphans == []


def test_what_sales_did_is_on_a_lead_or_contact_and_by_a_user_on_the_team_that_day(
    query: Query,
) -> None:
    assert (
        query(
            """
            with people as (select "Id" from crm_leads union all select "Id" from crm_contacts)
            select * from crm_activities as a anti join people as p on a."WhoId" = p."Id"
            """
        )
        == []
    )
    without_a_role = query(
        """
        select * from crm_activities as a anti join crm_users as u
        on a."OwnerId" = u."Id"
            and (u."RoleFrom" is null or a."ActivityDateTime" >= cast(u."RoleFrom" as timestamptz))
            and (u."RoleTo" is null or a."ActivityDateTime" < cast(u."RoleTo" as timestamptz))
        """
    )
    assert without_a_role == []


def test_some_users_change_teams_and_work_on_after_it(query: Query) -> None:
    movers = query(
        """
        select u."Id" from crm_users as u join crm_activities as a on a."OwnerId" = u."Id"
            and a."ActivityDateTime" >= cast(u."RoleFrom" as timestamptz)
        where u."RoleFrom" is not null group by 1
        """
    )
    assert len(movers) >= 2


def test_every_day_has_a_rate_for_every_currency(query: Query) -> None:
    assert query("select currency, count(*) from finance_exchange_rates group by 1 order by 1") == [
        ("EUR", 31 + 548),
        ("GBP", 31 + 548),
    ]


def test_no_attendance_falls_into_the_hour_that_a_clock_shows_twice(query: Query) -> None:
    twice = query(
        """
        select * from marketing_attendance
        where "Attended" like '26.10.2025 02:%' or "Attended" like '29.03.2026 02:%'
        """
    )
    assert twice == []


def test_the_company_looks_like_one(query: Query) -> None:
    [(win_rate, cycle)] = query(
        "select count(won_at) / (count(won_at) + count(lost_at)), "
        "median(date_diff('day', lead_at, won_at)) from journeys"
    )
    [(acceptance,)] = query(
        "select count(*) filter (where decision = 'accepted') / count(*) from handoffs "
        "where decision is not null or would_be_ignored"
    )
    assert 0.2 <= win_rate <= 0.25  # type: ignore[operator]
    assert 75 <= cycle <= 105  # type: ignore[operator]
    assert 0.6 <= acceptance <= 0.8  # type: ignore[operator]
