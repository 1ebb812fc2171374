-- Which journeys carry a deal, and which of them is its primary one: that of the contact with the
-- earliest observed `mql` not after the deal's creation in a journey open then; then by contact
-- role, earliest record, record id.
with journeys as (
    select * from {{ ref('int_journey') }}
),

spans as (
    select * from {{ ref('int_journey_span') }}
),

journey_claims as (
    select * from {{ ref('int_journey_claim') }}
    where counts
),

mqls as (
    select * from {{ ref('int_stage_claim') }}
    where stage = 'mql' and prospect_id is not null
),

contacts as (
    select * from {{ ref('int_deal_contact') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

carried as (
    select
        journeys.deal_id,
        journeys.prospect_id,
        journeys.journey_id,
        contacts.role,
        contacts.contact_rank,
        contacts.first_record_at,
        contacts.first_record_id,
        coalesce(deals.created_at, deals.started_at) as created_at
    from journeys
    inner join deals on journeys.deal_id = deals.deal_id
    left join contacts
        on journeys.deal_id = contacts.deal_id and journeys.prospect_id = contacts.prospect_id
),

first_mqls as (
    select
        carried.deal_id,
        carried.prospect_id,
        min(mqls.occurred_at) as mql_at
    from carried
    inner join mqls
        on carried.prospect_id = mqls.prospect_id and carried.created_at >= mqls.occurred_at
    inner join journey_claims on mqls.claim_key = journey_claims.claim_key
    inner join spans
        on
            journey_claims.journey_id = spans.journey_id
            and (spans.opened_at is null or carried.created_at >= spans.opened_at)
            and (spans.closed_at is null or carried.created_at <= spans.closed_at)
    group by carried.deal_id, carried.prospect_id
),

ranked as (
    select
        carried.deal_id,
        carried.prospect_id,
        carried.journey_id,
        carried.role,
        row_number() over (
            partition by carried.deal_id
            order by
                first_mqls.mql_at asc nulls last, carried.contact_rank asc nulls last,
                carried.first_record_at asc nulls last, carried.first_record_id asc nulls last,
                carried.prospect_id asc nulls last
        ) as primary_rank
    from carried
    left join first_mqls
        on
            carried.deal_id = first_mqls.deal_id
            and carried.prospect_id = first_mqls.prospect_id
)

select
    deal_id,
    journey_id,
    prospect_id,
    role,
    primary_rank = 1 as is_primary
from ranked
