-- Every event that a count ratio counts, once, with its dimensions.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
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
        handoffs.decision
    from handoffs
    inner join journeys on handoffs.journey_id = journeys.journey_id
    cross join settings
    left join prospects on journeys.prospect_id = prospects.prospect_id
    left join users
        on
            handoffs.owner_id = users.user_key
            and (users.valid_from is null or handoffs.handed_at >= users.valid_from)
            and (users.valid_to is null or handoffs.handed_at < users.valid_to)
),

-- Whether sales takes what marketing hands over: of all that is answered, or should have been.
acceptance as (
    select
        'acceptance_rate' as metric,
        handoff_id,
        journey_id,
        month,
        segment,
        team,
        owner,
        source,
        decision = 'accepted' as in_numerator
    from told
    where decision in ('accepted', 'rejected', 'ignored')
),

-- What is not answered yet: a rate of few answers may still move.
pending as (
    select
        'acceptance_rate.pending' as metric,
        handoff_id,
        journey_id,
        month,
        segment,
        team,
        owner,
        source,
        decision = 'pending' as in_numerator
    from told
),

final as (
    select
        metric,
        handoff_id,
        journey_id,
        month,
        segment,
        team,
        owner,
        source,
        in_numerator
    from acceptance
    union all
    select
        metric,
        handoff_id,
        journey_id,
        month,
        segment,
        team,
        owner,
        source,
        in_numerator
    from pending
)

select
    metric,
    month,
    segment,
    team,
    owner,
    source,
    journey_id,
    handoff_id,
    in_numerator,
    1 = 1 as in_denominator
from final
