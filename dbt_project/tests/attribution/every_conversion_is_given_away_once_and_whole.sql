-- By every model each conversion, with a deal or without, gives away exactly one credit and its
-- whole amount.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

touches as (
    select * from {{ ref('attribution_touch') }}
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        model,
        conversion,
        conversion_id,
        sum(credit) as credit,
        sum(amount) as amount
    from touches
    group by model, conversion, conversion_id
),

owed as (
    select
        models.model,
        conversions.conversion,
        conversions.conversion_id,
        conversions.amount
    from conversions
    cross join models
)

select
    coalesce(owed.model, earned.model) as model,
    coalesce(owed.conversion_id, earned.conversion_id) as conversion_id,
    owed.amount as owed_amount,
    earned.amount as earned_amount,
    earned.credit
from owed
full outer join earned
    on
        owed.model = earned.model
        and owed.conversion = earned.conversion
        and owed.conversion_id = earned.conversion_id
where
    owed.conversion_id is null
    or earned.conversion_id is null
    or earned.credit <> 1
    or coalesce(owed.amount, 0) <> coalesce(earned.amount, 0)
    or (owed.amount is null) <> (earned.amount is null)
