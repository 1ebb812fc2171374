-- What the measures of handing over count: handoffs, in the month in which they were handed over.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

promises as (
    select * from {{ ref('int_handoff_promise') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

told as (
    select
        handoffs.handoff_id,
        handoffs.journey_id,
        {{ local_month('handoffs.handed_at', 'settings.time_zone') }} as month,
        journeys.segment,
        coalesce(users.team, 'unknown') as team,
        coalesce(handoffs.owner_id, 'unknown') as owner,
        coalesce(prospects.lead_source, 'unknown') as source,
        handoffs.decision,
        coalesce(handoffs.reason, 'unknown') as reason,
        promises.is_over,
        promises.is_kept
    from handoffs
    inner join journeys on handoffs.journey_id = journeys.journey_id
    cross join settings
    left join promises on handoffs.handoff_id = promises.handoff_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
    left join users
        on
            handoffs.owner_id = users.user_key
            and (users.valid_from is null or handoffs.handed_at >= users.valid_from)
            and (users.valid_to is null or handoffs.handed_at < users.valid_to)
),

-- What comes back is counted under each reason that anything came back for in that month.
returned as (
    select
        handoff_id,
        month,
        segment,
        team,
        owner,
        source,
        reason
    from told
    where decision in ('rejected', 'recycled')
),

reasons as (
    select
        month,
        reason
    from returned
    group by month, reason
),

events as (
    select
        'acceptance_rate' as metric,
        handoff_id,
        decision = 'accepted' as in_numerator
    from told
    where decision in ('accepted', 'rejected', 'ignored')
    union all
    -- A rate of few answers may still move.
    select
        'acceptance_rate.pending' as metric,
        handoff_id,
        decision = 'pending' as in_numerator
    from told
    union all
    select
        'sla_attainment' as metric,
        handoff_id,
        is_kept as in_numerator
    from told
    where is_over
    union all
    select
        'recycle_rate' as metric,
        handoff_id,
        decision = 'recycled' as in_numerator
    from told
    union all
    select
        'rejection_mix.' || reasons.reason as metric,
        returned.handoff_id,
        returned.reason = reasons.reason as in_numerator
    from returned
    inner join reasons on returned.month = reasons.month
)

select
    events.metric,
    events.handoff_id as event_id,
    told.month,
    told.segment,
    told.team,
    told.owner,
    told.source,
    told.journey_id,
    events.handoff_id,
    events.in_numerator
from events
inner join told on events.handoff_id = told.handoff_id
