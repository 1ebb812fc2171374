with business_days as (
    select * from {{ source('agreement', 'business_days') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

with_parts as (
    select
        business_days.day,
        business_days.is_business_day,
        business_days.business_day_number,
        settings.fiscal_year_starts_month,
        cast(extract(year from business_days.day) as integer) as calendar_year,
        cast(extract(month from business_days.day) as integer) as calendar_month
    from business_days
    cross join settings
)

select
    day,
    cast(date_trunc('week', day) as date) as week,
    cast(date_trunc('month', day) as date) as month,
    cast(date_trunc('quarter', day) as date) as quarter,
    calendar_year,
    case
        when fiscal_year_starts_month > 1 and calendar_month >= fiscal_year_starts_month
            then calendar_year + 1
        else calendar_year
    end as fiscal_year,
    cast(
        floor(mod(calendar_month - fiscal_year_starts_month + 12, 12) / 3) + 1 as integer
    ) as fiscal_quarter,
    is_business_day,
    business_day_number
from with_parts
