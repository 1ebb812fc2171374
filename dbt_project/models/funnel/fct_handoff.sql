with events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts
),

places as (
    select * from {{ ref('int_journey_event') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close and team = 'sales'
),

journeys as (
    select * from {{ ref('int_journey') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

business_days as (
    select * from {{ source('agreement', 'business_days') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

placed as (
    select
        events.event_id,
        events.journey_id,
        events.event,
        events.stage,
        events.occurred_at,
        events.is_of_deal,
        events.reason,
        stages.owner,
        places.place
    from events
    inner join places on events.event_id = places.event_id
    inner join stages on events.stage = stages.stage
),

-- What answers the question whether sales takes what marketing hands over.
decisions as (
    select
        event_id,
        journey_id,
        place,
        occurred_at,
        case
            when event = 'recycled' then 'recycled'
            when event in ('lost', 'disqualified') then 'rejected'
            else 'accepted'
        end as decision,
        reason
    from placed
    where owner = 'sales' or event in ('lost', 'disqualified', 'recycled')
),

handoffs as (
    select
        event_id as handoff_id,
        journey_id,
        occurred_at as handed_at,
        place,
        row_number() over (partition by journey_id order by place asc nulls last) as handoff_seq,
        lead(place) over (partition by journey_id order by place asc nulls last) as next_place,
        lead(occurred_at) over (partition by journey_id order by place asc nulls last) as next_at
    from placed
    where stage = 'mql' and not is_of_deal
),

ranked_decisions as (
    select
        handoffs.handoff_id,
        decisions.occurred_at,
        decisions.decision,
        decisions.reason,
        row_number() over (
            partition by handoffs.handoff_id order by decisions.place asc nulls last
        ) as decision_rank
    from handoffs
    inner join decisions
        on
            handoffs.journey_id = decisions.journey_id
            and handoffs.place < decisions.place
            and (handoffs.next_place is null or handoffs.next_place > decisions.place)
),

answers as (
    select
        handoffs.handoff_id,
        min(case when touches.direction = 'out' then touches.occurred_at end) as first_attempt_at,
        min(case when touches.is_two_way then touches.occurred_at end) as two_way_at,
        sum(case when touches.direction = 'out' then 1 else 0 end) as attempts
    from handoffs
    inner join touches
        on
            handoffs.journey_id = touches.journey_id
            and handoffs.handed_at <= touches.occurred_at
            and (handoffs.next_at is null or handoffs.next_at > touches.occurred_at)
    group by handoffs.handoff_id
),

-- The window to decide ends when that many business days after the handoff's day are over.
windows as (
    select
        handoffs.handoff_id,
        max(last_days.closes_at) as decide_by
    from handoffs
    cross join settings
    inner join business_days as first_days
        on {{ local_date('handoffs.handed_at', 'settings.time_zone') }} = first_days.day
    inner join business_days as last_days
        on
            last_days.is_business_day
            and first_days.business_day_number + settings.decide_within_days
            = last_days.business_day_number
    group by handoffs.handoff_id
)

select
    handoffs.handoff_id,
    handoffs.journey_id,
    cast(handoffs.handoff_seq as bigint) as handoff_seq,
    handoffs.handed_at,
    cast(null as timestamp) as assigned_at,
    answers.first_attempt_at,
    answers.two_way_at,
    ranked_decisions.occurred_at as decided_at,
    case
        when ranked_decisions.decision is not null then ranked_decisions.decision
        when clock.as_of > windows.decide_by then 'ignored'
        else 'pending'
    end as decision,
    ranked_decisions.reason,
    cast(coalesce(answers.attempts, 0) as bigint) as attempts,
    coalesce(prospects.owner_id, deals.owner_id) as owner_id
from handoffs
cross join clock
inner join journeys on handoffs.journey_id = journeys.journey_id
left join prospects on journeys.prospect_id = prospects.prospect_id
left join deals on journeys.deal_id = deals.deal_id
left join windows on handoffs.handoff_id = windows.handoff_id
left join answers on handoffs.handoff_id = answers.handoff_id
left join ranked_decisions
    on handoffs.handoff_id = ranked_decisions.handoff_id and ranked_decisions.decision_rank = 1
