-- Touches that another system logged too, each with the one that stands for both. What a system
-- knows by the day alone is told apart from what others know of that day, in order.
with moments as (
    select * from {{ ref('int_touch_same_moment') }}
),

touches as (
    select * from {{ ref('int_touch_subject') }}
    where is_day_only
),

by_day as (
    select
        touch_id,
        subject,
        kind,
        direction,
        day,
        source,
        row_number() over (
            partition by subject, kind, direction, day, source
            order by touch_id asc nulls last
        ) as nth
    from touches
),

systems as (
    select
        subject,
        kind,
        direction,
        day,
        source
    from by_day
    group by subject, kind, direction, day, source
),

moments_of_day as (
    select
        moments.touch_id,
        systems.subject,
        systems.kind,
        systems.direction,
        systems.day,
        systems.source,
        row_number() over (
            partition by
                systems.subject, systems.kind, systems.direction, systems.day, systems.source
            order by moments.occurred_at asc nulls last, moments.touch_id asc nulls last
        ) as nth
    from moments
    inner join systems
        on
            moments.subject = systems.subject
            and moments.kind = systems.kind
            and moments.direction = systems.direction
            and moments.day = systems.day
            and moments.source <> systems.source
    where moments.touch_id = moments.same_as_touch_id
),

same_day as (
    select
        by_day.touch_id,
        moments_of_day.touch_id as same_as_touch_id
    from by_day
    inner join moments_of_day
        on
            by_day.subject = moments_of_day.subject
            and by_day.kind = moments_of_day.kind
            and by_day.direction = moments_of_day.direction
            and by_day.day = moments_of_day.day
            and by_day.source = moments_of_day.source
            and by_day.nth = moments_of_day.nth
),

days_alone as (
    select
        by_day.touch_id,
        by_day.subject,
        by_day.kind,
        by_day.direction,
        by_day.day,
        row_number() over (
            partition by
                by_day.subject, by_day.kind, by_day.direction, by_day.day, by_day.source
            order by by_day.nth asc nulls last
        ) as nth
    from by_day
    left join same_day on by_day.touch_id = same_day.touch_id
    where same_day.touch_id is null
),

days_kept as (
    select
        subject,
        kind,
        direction,
        day,
        nth,
        min(touch_id) as touch_id
    from days_alone
    group by subject, kind, direction, day, nth
)

select
    touch_id,
    same_as_touch_id
from moments
where touch_id <> same_as_touch_id
union all
select
    touch_id,
    same_as_touch_id
from same_day
union all
select
    days_alone.touch_id,
    days_kept.touch_id as same_as_touch_id
from days_alone
inner join days_kept
    on
        days_alone.subject = days_kept.subject
        and days_alone.kind = days_kept.kind
        and days_alone.direction = days_kept.direction
        and days_alone.day = days_kept.day
        and days_alone.nth = days_kept.nth
        and days_alone.touch_id <> days_kept.touch_id
