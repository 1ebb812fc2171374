-- Every touch by as_of is in one journey (maybe after its close) or in the orphan table, never in
-- both.
with touches as (
    select * from {{ ref('input_touches') }}
    where not is_deleted
),

placed as (
    select * from {{ ref('fct_touch') }}
),

orphans as (
    select * from {{ ref('orphan_touch') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

places as (
    select placed.touch_id
    from placed
    inner join journeys on placed.journey_id = journeys.journey_id
    union all
    select touch_id
    from orphans
)

select
    touches.touch_key,
    count(places.touch_id) as n_places
from touches
cross join clock
left join places on touches.touch_key = places.touch_id
where touches.occurred_at <= clock.as_of
group by touches.touch_key
having count(places.touch_id) <> 1
