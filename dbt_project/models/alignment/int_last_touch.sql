-- When and how each team last worked on a journey: its own touches, and those of its deal.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts
),

deal_touches as (
    select * from {{ ref('int_deal_touch') }}
),

worked as (
    select
        journey_id,
        touch_id
    from touches
    union
    select
        journeys.journey_id,
        deal_touches.touch_id
    from journeys
    inner join deal_touches on journeys.deal_id = deal_touches.deal_id
),

ranked as (
    select
        worked.journey_id,
        touches.team,
        touches.occurred_at,
        touches.kind,
        row_number() over (
            partition by worked.journey_id, touches.team
            order by touches.occurred_at desc nulls last, touches.touch_id desc nulls last
        ) as recency
    from worked
    inner join touches on worked.touch_id = touches.touch_id
)

select
    journey_id,
    max(case when team = 'marketing' then occurred_at end) as last_marketing_touch_at,
    max(case when team = 'marketing' then kind end) as last_marketing_touch,
    max(case when team = 'sales' then occurred_at end) as last_sales_touch_at,
    max(case when team = 'sales' then kind end) as last_sales_touch
from ranked
where recency = 1 and team in ('marketing', 'sales')
group by journey_id
