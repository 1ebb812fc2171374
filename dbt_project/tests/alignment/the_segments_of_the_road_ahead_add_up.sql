-- Whatever a deal or a touch adds to its segment it adds to all, to the cent.
with balances as (
    select * from {{ ref('now_vs_road_ahead') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

sides as (
    select
        quarter_ahead,
        case when segment = 'all' then 'all' else 'segments' end as side,
        won_amount,
        expected_amount,
        expected_deals,
        overdue_amount,
        undated_amount,
        marketing_touches_now,
        marketing_touches_ahead,
        sales_touches_now,
        sales_touches_ahead
    from balances
),

totals as (
    select
        quarter_ahead,
        side,
        sum(won_amount) as won_amount,
        sum(expected_amount) as expected_amount,
        sum(expected_deals) as expected_deals,
        coalesce(sum(overdue_amount), 0) as overdue_amount,
        coalesce(sum(undated_amount), 0) as undated_amount,
        coalesce(sum(marketing_touches_now), 0) as marketing_touches_now,
        coalesce(sum(marketing_touches_ahead), 0) as marketing_touches_ahead,
        coalesce(sum(sales_touches_now), 0) as sales_touches_now,
        coalesce(sum(sales_touches_ahead), 0) as sales_touches_ahead
    from sides
    group by quarter_ahead, side
)

select whole.quarter_ahead
from totals as whole
inner join totals as parts
    on
        whole.quarter_ahead = parts.quarter_ahead
        and whole.side = 'all'
        and parts.side = 'segments'
cross join settings
where
    settings.segment_by is not null
    and (
        whole.won_amount <> parts.won_amount
        or whole.expected_amount <> parts.expected_amount
        or whole.expected_deals <> parts.expected_deals
        or whole.overdue_amount <> parts.overdue_amount
        or whole.undated_amount <> parts.undated_amount
        or whole.marketing_touches_now <> parts.marketing_touches_now
        or whole.marketing_touches_ahead <> parts.marketing_touches_ahead
        or whole.sales_touches_now <> parts.sales_touches_now
        or whole.sales_touches_ahead <> parts.sales_touches_ahead
    )
