-- What each campaign earned and cost, by month.
with touches as (
    select * from {{ ref('attribution_touch') }}
),

campaigns as (
    select * from {{ ref('dim_campaign') }}
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
    where stage in ({{ conversion_stages() }})
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        model,
        conversion,
        month,
        case when channel = 'unattributed' then channel else campaign_id end as campaign_id,
        credit,
        amount
    from touches
),

costs as (
    select
        cast(date_trunc('month', day) as date) as month,
        campaign_id,
        sum(amount_reporting) as cost
    from spend
    group by cast(date_trunc('month', day) as date), campaign_id
),

leads as (
    select
        month,
        campaign_id,
        sum(entered) as leads
    from journeys
    group by month, campaign_id
),

-- Cost and leads stand beside every model and conversion, where nothing was earned too.
entries as (
    select
        model,
        conversion,
        month,
        campaign_id,
        1 as has_earned,
        credit,
        amount,
        cast(null as decimal(18, 2)) as cost,
        0 as leads
    from earned
    union all
    select
        models.model,
        stages.stage as conversion,
        costs.month,
        costs.campaign_id,
        0 as has_earned,
        0 as credit,
        cast(null as decimal(18, 2)) as amount,
        costs.cost,
        0 as leads
    from costs
    cross join models
    cross join stages
    union all
    select
        models.model,
        stages.stage as conversion,
        leads.month,
        leads.campaign_id,
        0 as has_earned,
        0 as credit,
        cast(null as decimal(18, 2)) as amount,
        cast(null as decimal(18, 2)) as cost,
        leads.leads
    from leads
    cross join models
    cross join stages
    where leads.leads > 0
),

final as (
    select
        model,
        conversion,
        month,
        campaign_id,
        sum(credit) as conversions,
        case
            when sum(has_earned) > 0 then sum(amount)
            when conversion <> 'mql' then 0
        end as amount,
        sum(cost) as cost,
        sum(leads) as leads
    from entries
    group by model, conversion, month, campaign_id
)

select
    final.model,
    final.conversion,
    final.month,
    final.campaign_id,
    campaigns.name as campaign_name,
    campaigns.channel,
    cast(final.conversions as decimal(28, 12)) as conversions,
    cast(final.amount as decimal(18, 2)) as amount,
    cast(final.cost as decimal(18, 2)) as cost,
    cast(final.amount as double) / nullif(cast(final.cost as double), 0) as roas,
    cast(final.cost as double) / nullif(cast(final.conversions as double), 0)
        as cost_per_conversion,
    cast(final.leads as bigint) as leads,
    cast(final.cost as double) / nullif(cast(final.leads as double), 0) as cost_per_lead
from final
left join campaigns on final.campaign_id = campaigns.campaign_id
