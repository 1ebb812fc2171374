-- What each content earned, by all that belongs to its touches and their conversions.
with touches as (
    select * from {{ ref('attribution_touch') }}
),

campaigns as (
    select * from {{ ref('dim_campaign') }}
),

earned as (
    select
        model,
        conversion,
        month,
        segment,
        channel,
        campaign_id,
        content,
        sum(credit) as conversions,
        sum(amount) as amount
    from touches
    group by model, conversion, month, segment, channel, campaign_id, content
)

select
    earned.model,
    earned.conversion,
    earned.month,
    earned.segment,
    earned.channel,
    earned.campaign_id,
    campaigns.name as campaign_name,
    earned.content,
    cast(earned.conversions as decimal(28, 12)) as conversions,
    cast(earned.amount as decimal(18, 2)) as amount
from earned
left join campaigns on earned.campaign_id = campaigns.campaign_id
