-- What the measures of handing over count: handoffs, in the month in which they were handed over.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

promises as (
    select * from {{ ref('int_handoff_promise') }}
),

slices as (
    select * from {{ ref('int_handoff_slice') }}
),

told as (
    select
        slices.handoff_id,
        slices.journey_id,
        slices.month,
        slices.segment,
        slices.team,
        slices.owner,
        slices.source,
        handoffs.decision,
        coalesce(handoffs.reason, 'unknown') as reason,
        promises.is_over,
        promises.is_kept
    from slices
    inner join handoffs on slices.handoff_id = handoffs.handoff_id
    left join promises on slices.handoff_id = promises.handoff_id
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
