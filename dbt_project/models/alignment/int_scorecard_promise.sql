-- Which level of a measure was promised for each month.
with commitments as (
    select * from {{ source('agreement', 'commitments') }}
    where at_least is not null or at_most is not null
),

cells as (
    select * from {{ ref('int_scorecard_cell') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

months as (
    select month
    from cells
    group by month
),

-- A promise for a month is the one in force on its last day.
month_ends as (
    select
        months.month,
        coalesce(max(days.day), months.month) as last_day
    from months
    left join days on months.month = days.month
    group by months.month
)

select
    month_ends.month,
    commitments.metric,
    coalesce(commitments.segment, 'all') as segment,
    coalesce(max(commitments.at_least), min(commitments.at_most)) as target
from commitments
inner join month_ends
    on
        (commitments.from_day is null or commitments.from_day <= month_ends.last_day)
        and (commitments.to_day is null or commitments.to_day >= month_ends.last_day)
group by month_ends.month, commitments.metric, coalesce(commitments.segment, 'all')
