-- Added over months and slices, the wins of funnel_conversion are the funnel's.
with journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and stage = 'won'
),

conversions as (
    select * from {{ ref('funnel_conversion') }}
    where stage = 'won'
),

seen as (
    select journeys.journey_id
    from journeys
    inner join events on journeys.journey_id = events.journey_id
    where journeys.outcome = 'won'
    group by journeys.journey_id
),

of_funnel as (
    select count(*) as won
    from seen
),

of_conversions as (
    select coalesce(sum(won), 0) as won
    from conversions
)

select
    of_funnel.won,
    of_conversions.won as counted
from of_funnel
cross join of_conversions
where of_funnel.won <> of_conversions.won
