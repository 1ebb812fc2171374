-- By every model the campaigns' rows give away each month's and segment's conversions and money.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

campaigns as (
    select * from {{ ref('attribution_campaign') }}
),

models as (
    {{ attribution_models() }}
),

entries as (
    select
        models.model,
        conversions.conversion,
        conversions.month,
        conversions.segment,
        cast(1 as decimal(28, 12)) as credit,
        coalesce(conversions.amount, 0) as amount
    from conversions
    cross join models
    union all
    select
        model,
        conversion,
        month,
        segment,
        -conversions as credit,
        -coalesce(amount, 0) as amount
    from campaigns
)

select
    model,
    conversion,
    month,
    segment,
    sum(credit) as credit,
    sum(amount) as amount
from entries
group by model, conversion, month, segment
having sum(credit) <> 0 or sum(amount) <> 0
