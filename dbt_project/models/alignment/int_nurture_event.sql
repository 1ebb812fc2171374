-- What the measures of nurturing together count: weeks of open deals, in the month of their end.
with weeks as (
    select * from {{ ref('int_nurture_week') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

told as (
    select
        'joint_nurture_coverage' as metric,
        deal_id,
        journey_id,
        last_day,
        by_marketing and by_sales as in_numerator
    from weeks
    union all
    select
        'joint_nurture_coverage.' || stage as metric,
        deal_id,
        journey_id,
        last_day,
        by_marketing and by_sales as in_numerator
    from weeks
    where stage is not null
)

select
    told.metric,
    told.deal_id || '|' || cast(told.last_day as string) as event_id,
    cast(date_trunc('month', told.last_day) as date) as month,
    journeys.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(deals.owner_id, 'unknown') as owner,
    coalesce(deals.lead_source, prospects.lead_source, 'unknown') as source,
    told.journey_id,
    told.deal_id,
    told.in_numerator
from told
inner join journeys on told.journey_id = journeys.journey_id
inner join deals on told.deal_id = deals.deal_id
left join prospects on journeys.prospect_id = prospects.prospect_id
left join users
    on
        deals.owner_id = users.user_key
        and (users.valid_from is null or cast(told.last_day as timestamp) >= users.valid_from)
        and (users.valid_to is null or cast(told.last_day as timestamp) < users.valid_to)
