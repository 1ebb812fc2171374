-- What each model gives to each channel that any model gives something, over all months.
with channels as (
    select * from {{ ref('attribution_channel') }}
    where channel <> 'unattributed' and conversions > 0
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        model,
        conversion,
        channel,
        sum(conversions) as credit,
        sum(amount) as amount
    from channels
    group by model, conversion, channel
),

of_any_model as (
    select
        conversion,
        channel
    from earned
    group by conversion, channel
),

-- What a division left over is in the last digits, and ranks no channel above another.
rounded as (
    select
        models.model,
        of_any_model.conversion,
        of_any_model.channel,
        cast(coalesce(earned.credit, 0) as decimal(28, 6)) as credit,
        case when of_any_model.conversion <> 'mql' then coalesce(earned.amount, 0) end as amount
    from of_any_model
    cross join models
    left join earned
        on
            models.model = earned.model
            and of_any_model.conversion = earned.conversion
            and of_any_model.channel = earned.channel
),

shared as (
    select
        model,
        conversion,
        channel,
        credit,
        amount,
        sum(credit) over (partition by model, conversion) as credit_of_all
    from rounded
)

select
    model,
    conversion,
    channel,
    credit,
    cast(credit as double) / nullif(cast(credit_of_all as double), 0) as share,
    cast(amount as decimal(18, 2)) as amount
from shared
