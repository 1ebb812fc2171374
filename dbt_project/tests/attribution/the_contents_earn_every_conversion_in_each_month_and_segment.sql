-- By every model the contents' rows give away each month's and segment's conversions and money.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

contents as (
    select * from {{ ref('attribution_content') }}
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
        0 - conversions as credit,
        0 - coalesce(amount, 0) as amount
    from contents
),

totals as (
    select
        model,
        conversion,
        month,
        segment,
        sum(credit) as credit,
        sum(amount) as amount
    from entries
    group by model, conversion, month, segment
)

select
    model,
    conversion,
    month,
    segment,
    credit,
    amount
from totals
where credit <> 0 or amount <> 0
