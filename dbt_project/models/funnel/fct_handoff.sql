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

owners as (
    select * from {{ ref('int_prospect_owner') }}
),

salespeople as (
    select * from {{ ref('dim_user_span') }}
    where team = 'sales'
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

-- A handoff lasts until the next one; nobody takes what sales has sent away.
lasting as (
    select
        handoffs.handoff_id,
        journeys.prospect_id,
        handoffs.handed_at,
        handoffs.next_at,
        case
            when ranked_decisions.decision <> 'accepted' then ranked_decisions.occurred_at
        end as sent_away_at
    from handoffs
    inner join journeys on handoffs.journey_id = journeys.journey_id
    left join ranked_decisions
        on
            handoffs.handoff_id = ranked_decisions.handoff_id
            and ranked_decisions.decision_rank = 1
),

holders as (
    select
        lasting.handoff_id,
        lasting.next_at,
        lasting.sent_away_at,
        owners.owner_change_key,
        owners.owner_id,
        owners.owned_from,
        owners.owned_until,
        case
            when owners.owned_from > lasting.handed_at then owners.owned_from
            else lasting.handed_at
        end as held_from
    from lasting
    inner join owners on lasting.prospect_id = owners.prospect_id
    where
        owners.owner_id is not null
        and (owners.owned_until is null or owners.owned_until > lasting.handed_at)
),

-- Whoever owns a prospect is of sales only as long as that is their team.
takers as (
    select
        holders.handoff_id,
        holders.owner_change_key,
        holders.owner_id,
        holders.owned_from,
        holders.next_at,
        holders.sent_away_at,
        1 as is_of_sales,
        case
            when salespeople.valid_from > holders.held_from then salespeople.valid_from
            else holders.held_from
        end as taken_at
    from holders
    inner join salespeople
        on
            holders.owner_id = salespeople.user_id
            and (salespeople.valid_to is null or holders.held_from < salespeople.valid_to)
            and (
                salespeople.valid_from is null
                or holders.owned_until is null
                or holders.owned_until > salespeople.valid_from
            )
    union all
    select
        handoff_id,
        owner_change_key,
        owner_id,
        owned_from,
        next_at,
        sent_away_at,
        0 as is_of_sales,
        held_from as taken_at
    from holders
),

-- Of several at one instant, whoever has owned it longest; where none is of sales, the first.
ranked_takers as (
    select
        handoff_id,
        owner_id,
        case when is_of_sales = 1 then taken_at end as assigned_at,
        row_number() over (
            partition by handoff_id
            order by
                is_of_sales desc nulls last,
                taken_at asc nulls last,
                owned_from asc nulls last,
                owner_change_key asc nulls last
        ) as taker_rank
    from takers
    where
        (next_at is null or taken_at < next_at)
        and (sent_away_at is null or taken_at <= sent_away_at)
),

prospects_with_history as (
    select prospect_id
    from owners
    group by prospect_id
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
    ranked_takers.assigned_at,
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
    case
        when prospects_with_history.prospect_id is not null then ranked_takers.owner_id
        else coalesce(prospects.owner_id, deals.owner_id)
    end as owner_id
from handoffs
cross join clock
inner join journeys on handoffs.journey_id = journeys.journey_id
left join prospects on journeys.prospect_id = prospects.prospect_id
left join deals on journeys.deal_id = deals.deal_id
left join windows on handoffs.handoff_id = windows.handoff_id
left join answers on handoffs.handoff_id = answers.handoff_id
left join ranked_decisions
    on handoffs.handoff_id = ranked_decisions.handoff_id and ranked_decisions.decision_rank = 1
left join prospects_with_history
    on journeys.prospect_id = prospects_with_history.prospect_id
left join ranked_takers
    on handoffs.handoff_id = ranked_takers.handoff_id and ranked_takers.taker_rank = 1
