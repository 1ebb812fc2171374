-- By every model and conversion, channels and campaigns cost in each month what was spent.
with spend as (
    select * from {{ ref('fct_spend') }}
),

channels as (
    select * from {{ ref('attribution_channel') }}
),

campaigns as (
    select * from {{ ref('attribution_campaign') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where stage in ({{ conversion_stages() }})
),

models as (
    {{ attribution_models() }}
),

levels as (
    select 'channel' as level
    union all
    select 'campaign' as level
),

entries as (
    select
        levels.level,
        models.model,
        stages.stage as conversion,
        cast(date_trunc('month', spend.day) as date) as month,
        coalesce(spend.amount_reporting, 0) as cost
    from spend
    cross join models
    cross join stages
    cross join levels
    union all
    select
        'channel' as level,
        model,
        conversion,
        month,
        0 - coalesce(cost, 0) as cost
    from channels
    union all
    select
        'campaign' as level,
        model,
        conversion,
        month,
        0 - coalesce(cost, 0) as cost
    from campaigns
),

totals as (
    select
        level,
        model,
        conversion,
        month,
        sum(cost) as cost
    from entries
    group by level, model, conversion, month
)

select
    level,
    model,
    conversion,
    month,
    cost
from totals
where cost <> 0
