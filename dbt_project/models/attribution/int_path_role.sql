-- Which touches of a path have a role on it: the first, the last, those that led to a milestone.
with path_touches as (
    select * from {{ ref('int_path_touch') }}
),

conversions as (
    select * from {{ ref('int_conversion') }}
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where
        counts
        and evidence <> 'inferred'
        and event in ('stage_entered', 'reopened')
        and stage in ('lead', 'opportunity')
),

-- A re-entry is a new path, so only milestones after the conversion before it are on it.
milestones as (
    select
        conversions.conversion_id,
        events.stage as role,
        min(events.occurred_at) as reached_at
    from conversions
    inner join events on conversions.journey_id = events.journey_id
    where
        events.occurred_at <= conversions.converted_at
        and (
            conversions.previous_at is null or events.occurred_at > conversions.previous_at
        )
    group by conversions.conversion_id, events.stage
),

-- The touch of a milestone is the last one that came before it.
places as (
    select
        milestones.conversion_id,
        milestones.role,
        max(path_touches.place) as place
    from milestones
    inner join path_touches
        on
            milestones.conversion_id = path_touches.conversion_id
            and milestones.reached_at >= path_touches.occurred_at
    group by milestones.conversion_id, milestones.role
    union all
    select
        conversion_id,
        'first' as role,
        place
    from path_touches
    where place = 1
    union all
    select
        conversion_id,
        'last' as role,
        place
    from path_touches
    where place = touches
)

select
    places.conversion_id,
    places.role,
    path_touches.touch_id
from places
inner join path_touches
    on places.conversion_id = path_touches.conversion_id and places.place = path_touches.place
