-- Journeys in which what came after is dated before: an entry later than the close that ended it.
with events as (
    select * from {{ ref('int_journey_event') }}
),

with_next as (
    select
        journey_id,
        occurred_at,
        lead(occurred_at) over (partition by journey_id order by place asc nulls last) as next_at
    from events
    where counts
),

closes as (
    select
        journey_id,
        min(occurred_at) as closed_at
    from events
    where counts and {{ closes('stage') }}
    group by journey_id
),

found as (
    select
        journey_id,
        occurred_at as entered_at,
        next_at as left_at
    from with_next
    where next_at < occurred_at
    union all
    select
        events.journey_id,
        events.occurred_at as entered_at,
        closes.closed_at as left_at
    from events
    inner join closes on events.journey_id = closes.journey_id
    where events.is_after_close
)

select
    journey_id,
    min(entered_at) as entered_at,
    min(left_at) as left_at
from found
group by journey_id
