-- The agreed horizon in days of each kind. In business days: those among the last so many calendar
-- days before as_of.
with settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

calendar as (
    select
        day,
        business_day_number
    from {{ source('agreement', 'business_days') }}
),

today as (
    select
        settings.horizon_days,
        {{ local_date('clock.as_of', 'settings.time_zone') }} as day
    from clock
    cross join settings
),

final as (
    select
        'calendar' as unit,
        horizon_days
    from today
    union all
    select
        'business' as unit,
        last_day.business_day_number - first_day.business_day_number as horizon_days
    from today
    left join calendar as last_day on today.day = last_day.day
    left join calendar as first_day
        on {{ days_between('first_day.day', 'today.day') }} = today.horizon_days
)

select
    unit,
    cast(horizon_days as integer) as horizon_days
from final
