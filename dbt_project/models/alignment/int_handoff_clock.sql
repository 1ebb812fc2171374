-- What happened to each handoff, how long after it by the business clock, and when its windows end.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

business_days as (
    select * from {{ source('agreement', 'business_days') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

moments as (
    select
        handoff_id,
        'handed' as moment,
        handed_at as at
    from handoffs
    union all
    select
        handoff_id,
        'assigned' as moment,
        assigned_at as at
    from handoffs
    where assigned_at is not null
    union all
    select
        handoff_id,
        'attempt' as moment,
        first_attempt_at as at
    from handoffs
    where first_attempt_at is not null
    union all
    select
        handoff_id,
        'two_way' as moment,
        two_way_at as at
    from handoffs
    where two_way_at is not null
    union all
    -- What a source dates before its handoff was decided when it was handed over.
    select
        handoff_id,
        'decided' as moment,
        case when decided_at < handed_at then handed_at else decided_at end as at
    from handoffs
    where decided_at is not null
    union all
    select
        handoffs.handoff_id,
        'as_of' as moment,
        clock.as_of as at
    from handoffs
    cross join clock
),

with_day as (
    select
        moments.handoff_id,
        moments.moment,
        moments.at,
        {{ local_date('moments.at', 'settings.time_zone') }} as day
    from moments
    cross join settings
),

timed as (
    select
        with_day.handoff_id,
        with_day.moment,
        business_days.business_day_number,
        {{ business_seconds('with_day.at', 'business_days') }} as business_seconds
    from with_day
    inner join business_days on with_day.day = business_days.day
),

clocks as (
    select
        handoff_id,
        max(case when moment = 'handed' then business_day_number end) as business_day_number,
        max(case when moment = 'handed' then business_seconds end) as handed,
        max(case when moment = 'assigned' then business_seconds end) as assigned,
        max(case when moment = 'attempt' then business_seconds end) as attempt,
        max(case when moment = 'two_way' then business_seconds end) as two_way,
        max(case when moment = 'decided' then business_seconds end) as decided,
        max(case when moment = 'as_of' then business_seconds end) as as_of
    from timed
    group by handoff_id
),

-- A window of business days ends with the last of them after the handoff's own day.
windows as (
    select
        clocks.handoff_id,
        max(business_days.closes_at) as attempts_by
    from clocks
    cross join settings
    inner join business_days
        on
            business_days.is_business_day
            and clocks.business_day_number + settings.attempts_within_days
            = business_days.business_day_number
    group by clocks.handoff_id
)

select
    clocks.handoff_id,
    (clocks.assigned - clocks.handed) / 3600.0e0 as assigned_after_hours,
    (clocks.attempt - clocks.handed) / 3600.0e0 as attempt_after_hours,
    (clocks.two_way - clocks.handed) / 3600.0e0 as two_way_after_hours,
    (clocks.decided - clocks.handed) / 3600.0e0 as decided_after_hours,
    (clocks.as_of - clocks.handed) / 3600.0e0 as seen_for_hours,
    settings.answer_within_minutes / 60.0e0 as answer_within_hours,
    windows.attempts_by
from clocks
cross join settings
left join windows on clocks.handoff_id = windows.handoff_id
