-- When a deal was open: from its beginning, or a reopening, to the close that ended it.
with deals as (
    select * from {{ ref('int_deal') }}
),

events as (
    select * from {{ ref('int_deal_event') }}
    where counts
),

with_closes as (
    select
        deal_id,
        period,
        event,
        occurred_at,
        stage,
        case
            when {{ closes('stage') }}
                then row_number() over (
                    partition by deal_id, period
                    order by case when {{ closes('stage') }} then place end desc nulls last
                )
        end as close_rank
    from events
),

periods as (
    select
        deal_id,
        period,
        min(case when event = 'reopened' then occurred_at end) as reopened_at,
        max(case when close_rank = 1 then occurred_at end) as closed_at,
        max(case when close_rank = 1 then stage end) as closed_as
    from with_closes
    group by deal_id, period
)

select
    deals.deal_id,
    coalesce(periods.period, 0) as period,
    case
        when coalesce(periods.period, 0) = 0 then deals.started_at
        else periods.reopened_at
    end as opened_at,
    periods.closed_at,
    periods.closed_as
from deals
left join periods on deals.deal_id = periods.deal_id
