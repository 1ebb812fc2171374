-- This quarter of the fiscal year, and the two after it.
with days as (
    select * from {{ ref('dim_date') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

today as (
    select {{ local_date('clock.as_of', 'settings.time_zone') }} as day
    from clock
    cross join settings
),

quarters as (
    select
        fiscal_year,
        fiscal_quarter,
        min(day) as starts_on,
        max(day) as ends_on
    from days
    group by fiscal_year, fiscal_quarter
),

numbered as (
    select
        quarters.fiscal_year,
        quarters.fiscal_quarter,
        quarters.starts_on,
        quarters.ends_on,
        today.day as today,
        row_number() over (order by quarters.starts_on asc nulls last) - 1 as quarter_ahead
    from quarters
    inner join today on quarters.ends_on >= today.day
)

select
    cast(quarter_ahead as integer) as quarter_ahead,
    fiscal_year,
    fiscal_quarter,
    starts_on,
    ends_on,
    today
from numbered
where quarter_ahead <= 2
