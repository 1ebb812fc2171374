-- By every model the won amount of each deal is attributed whole, to the cent.
with deals as (
    select * from {{ ref('fct_deal') }}
    where outcome = 'won'
),

touches as (
    select * from {{ ref('attribution_touch') }}
    where conversion = 'won' and deal_id is not null
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        model,
        deal_id,
        sum(credit) as credit,
        coalesce(sum(amount), 0) as amount
    from touches
    group by model, deal_id
),

owed as (
    select
        models.model,
        deals.deal_id,
        coalesce(deals.amount_reporting, 0) as amount
    from deals
    cross join models
)

select
    coalesce(owed.model, earned.model) as model,
    coalesce(owed.deal_id, earned.deal_id) as deal_id,
    owed.amount as owed_amount,
    earned.amount as earned_amount,
    earned.credit
from owed
full outer join earned on owed.model = earned.model and owed.deal_id = earned.deal_id
where
    owed.deal_id is null
    or earned.deal_id is null
    or owed.amount <> earned.amount
    or earned.credit <> 1
