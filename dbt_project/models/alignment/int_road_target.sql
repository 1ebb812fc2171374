-- What is to be won in each quarter ahead, by the agreement's targets.
with quarters as (
    select * from {{ ref('int_road_quarter') }}
),

targets as (
    select * from {{ source('agreement', 'targets') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

-- A target for other days than the quarter's falls in equal parts on its days.
targeted_days as (
    select
        quarters.quarter_ahead,
        quarters.starts_on,
        quarters.ends_on,
        coalesce(targets.segment, 'all') as segment,
        days.day,
        sum(
            targets.won_amount / ({{ days_between('targets.from_day', 'targets.to_day') }} + 1)
        ) as won_amount
    from quarters
    inner join days on quarters.starts_on <= days.day and quarters.ends_on >= days.day
    inner join targets on days.day >= targets.from_day and days.day <= targets.to_day
    group by
        quarters.quarter_ahead,
        quarters.starts_on,
        quarters.ends_on,
        coalesce(targets.segment, 'all'),
        days.day
)

select
    quarter_ahead,
    segment,
    cast(sum(won_amount) as decimal(18, 2)) as target,
    count(*) < {{ days_between('starts_on', 'ends_on') }} + 1 as is_in_part
from targeted_days
group by quarter_ahead, starts_on, ends_on, segment
