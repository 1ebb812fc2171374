-- In each month and segment, the paths begin with every conversion and its amount, and end with it.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

paths as (
    select * from {{ ref('attribution_path') }}
),

ends as (
    select 'first' as step_of_path
    union all
    select 'last' as step_of_path
),

entries as (
    select
        ends.step_of_path,
        conversions.conversion,
        conversions.month,
        conversions.segment,
        1 as conversions,
        coalesce(conversions.amount, 0) as amount
    from conversions
    cross join ends
    union all
    select
        'first' as step_of_path,
        conversion,
        month,
        segment,
        0 - conversions as conversions,
        0 - coalesce(amount, 0) as amount
    from paths
    where step = 1
    union all
    select
        'last' as step_of_path,
        conversion,
        month,
        segment,
        0 - conversions as conversions,
        0 - coalesce(amount, 0) as amount
    from paths
    where to_channel = '(conversion)'
),

totals as (
    select
        step_of_path,
        conversion,
        month,
        segment,
        sum(conversions) as conversions,
        sum(amount) as amount
    from entries
    group by step_of_path, conversion, month, segment
)

select
    step_of_path,
    conversion,
    month,
    segment,
    conversions,
    amount
from totals
where conversions <> 0 or amount <> 0
