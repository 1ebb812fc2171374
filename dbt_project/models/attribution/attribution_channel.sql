-- What each channel earned and cost, by month.
with touches as (
    select * from {{ ref('attribution_touch') }}
),

spend as (
    select * from {{ ref('fct_spend') }}
),

journeys as (
    select * from {{ ref('funnel_conversion') }}
    where stage = 'lead'
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

effects as (
    select * from {{ source('statistics', 'removal_effect') }}
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        model,
        conversion,
        month,
        channel,
        sum(credit) as conversions,
        sum(amount) as amount
    from touches
    group by model, conversion, month, channel
),

costs as (
    select
        cast(date_trunc('month', day) as date) as month,
        coalesce(channel, 'unknown') as channel,
        sum(amount_reporting) as cost
    from spend
    group by cast(date_trunc('month', day) as date), coalesce(channel, 'unknown')
),

leads as (
    select
        month,
        channel,
        sum(entered) as leads
    from journeys
    group by month, channel
),

-- A channel that cost something and earned nothing has a row too.
busy as (
    select
        month,
        channel
    from costs
    union
    select
        month,
        channel
    from leads
    where leads > 0
),

cells as (
    select
        model,
        conversion,
        month,
        channel
    from earned
    union
    select
        models.model,
        stages.stage as conversion,
        busy.month,
        busy.channel
    from busy
    cross join models
    cross join stages
    where stages.stage in ({{ conversion_stages() }})
),

final as (
    select
        cells.model,
        cells.conversion,
        cells.month,
        cells.channel,
        coalesce(earned.conversions, 0) as conversions,
        case
            when earned.channel is not null then earned.amount
            when cells.conversion <> 'mql' then 0
        end as amount,
        costs.cost,
        coalesce(leads.leads, 0) as leads,
        effects.removal_effect
    from cells
    left join earned
        on
            cells.model = earned.model
            and cells.conversion = earned.conversion
            and cells.channel = earned.channel
            and (
                cells.month = earned.month
                or (cells.month is null and earned.month is null)
            )
    left join costs on cells.month = costs.month and cells.channel = costs.channel
    left join leads on cells.month = leads.month and cells.channel = leads.channel
    left join effects
        on
            cells.model = 'markov'
            and cells.conversion = effects.conversion
            and cells.channel = effects.channel
)

select
    model,
    conversion,
    month,
    channel,
    cast(conversions as decimal(28, 12)) as conversions,
    cast(amount as decimal(18, 2)) as amount,
    cast(cost as decimal(18, 2)) as cost,
    cast(amount as double) / nullif(cast(cost as double), 0) as roas,
    cast(cost as double) / nullif(cast(conversions as double), 0) as cost_per_conversion,
    cast(leads as bigint) as leads,
    cast(cost as double) / nullif(cast(leads as double), 0) as cost_per_lead,
    removal_effect
from final
