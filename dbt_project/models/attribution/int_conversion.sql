-- Every conversion that was observed, and since when its path runs.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and event in ('stage_entered', 'reopened')
),

deals as (
    select * from {{ ref('fct_deal') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- A prospect becomes an mql, whatever deals it is on; a deal becomes an opportunity once, not once
-- for each of its contacts.
entries as (
    select
        events.stage as conversion,
        events.event_id as conversion_id,
        events.journey_id,
        journeys.deal_id,
        journeys.prospect_id,
        journeys.segment,
        events.occurred_at as converted_at,
        row_number() over (
            partition by
                events.stage,
                case when events.stage = 'mql' then journeys.prospect_id else events.journey_id end
            order by
                events.occurred_at asc nulls last, journeys.journey_seq asc nulls last,
                events.entry_seq asc nulls last, events.event_id asc nulls last
        ) as conversion_seq,
        lag(events.occurred_at) over (
            partition by
                events.stage,
                case when events.stage = 'mql' then journeys.prospect_id else events.journey_id end
            order by
                events.occurred_at asc nulls last, journeys.journey_seq asc nulls last,
                events.entry_seq asc nulls last, events.event_id asc nulls last
        ) as previous_at,
        deals.amount_at_creation_reporting as amount
    from events
    inner join journeys on events.journey_id = journeys.journey_id
    left join deals on journeys.deal_id = deals.deal_id
    where
        (events.stage = 'mql' and not events.is_of_deal)
        or (events.stage = 'opportunity' and journeys.is_primary)
),

-- The win that stands: one that was reopened has been taken back.
wins as (
    select
        journeys.journey_id,
        journeys.deal_id,
        journeys.prospect_id,
        journeys.segment,
        case when journeys.deal_id is null then journeys.won_at else deals.closed_at end
            as converted_at,
        journeys.amount
    from journeys
    left join deals on journeys.deal_id = deals.deal_id
    where journeys.is_primary and journeys.outcome = 'won'
),

conversions as (
    select
        conversion,
        conversion_id,
        conversion_seq,
        journey_id,
        deal_id,
        prospect_id,
        segment,
        converted_at,
        previous_at,
        case when conversion = 'opportunity' and conversion_seq = 1 then amount end as amount
    from entries
    union all
    select
        'won' as conversion,
        {{ key(["'won'", 'journey_id']) }} as conversion_id,
        1 as conversion_seq,
        journey_id,
        deal_id,
        prospect_id,
        segment,
        converted_at,
        cast(null as timestamp) as previous_at,
        amount
    from wins
)

select
    conversions.conversion,
    conversions.conversion_id,
    cast(conversions.conversion_seq as bigint) as conversion_seq,
    conversions.journey_id,
    conversions.deal_id,
    conversions.prospect_id,
    conversions.segment,
    conversions.converted_at,
    {{ local_month('conversions.converted_at', 'settings.time_zone') }} as month,
    conversions.previous_at,
    conversions.amount
from conversions
cross join settings
