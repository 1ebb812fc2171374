-- Every event that a count ratio counts, once, with its dimensions.
with handoffs as (
    select * from {{ ref('int_handoff_event') }}
),

definitions as (
    select * from {{ ref('int_definition_event') }}
),

nurture as (
    select * from {{ ref('int_nurture_event') }}
),

final as (
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        handoff_id,
        cast(null as string) as deal_id,
        in_numerator
    from handoffs
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        cast(null as string) as deal_id,
        in_numerator
    from definitions
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        deal_id,
        in_numerator
    from nurture
)

select
    metric,
    event_id,
    month,
    segment,
    team,
    owner,
    source,
    journey_id,
    handoff_id,
    deal_id,
    in_numerator,
    1 = 1 as in_denominator
from final
