-- In each month, by every model, channels and campaigns earn every credit and every cent.
with touches as (
    select * from {{ ref('attribution_touch') }}
),

channels as (
    select * from {{ ref('attribution_channel') }}
),

campaigns as (
    select * from {{ ref('attribution_campaign') }}
),

levels as (
    select 'channel' as level
    union all
    select 'campaign' as level
),

entries as (
    select
        levels.level,
        touches.model,
        touches.conversion,
        touches.month,
        touches.credit,
        coalesce(touches.amount, 0) as amount
    from touches
    cross join levels
    union all
    select
        'channel' as level,
        model,
        conversion,
        month,
        0 - conversions as credit,
        0 - coalesce(amount, 0) as amount
    from channels
    union all
    select
        'campaign' as level,
        model,
        conversion,
        month,
        0 - conversions as credit,
        0 - coalesce(amount, 0) as amount
    from campaigns
),

totals as (
    select
        level,
        model,
        conversion,
        month,
        sum(credit) as credit,
        sum(amount) as amount
    from entries
    group by level, model, conversion, month
)

select
    level,
    model,
    conversion,
    month,
    credit,
    amount
from totals
where credit <> 0 or amount <> 0
