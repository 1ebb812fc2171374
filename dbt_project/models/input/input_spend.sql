with spend as (
    select * from {{ ref('int_spend_checked') }}
),

campaigns as (
    select * from {{ ref('int_campaign_group') }}
)

select
    spend.spend_key,
    spend.source,
    spend.source_record_id,
    spend.day,
    coalesce(spend.channel, campaigns.channel) as channel,
    coalesce(campaigns.same_as_key, spend.campaign_key) as campaign_key,
    spend.amount,
    spend.currency,
    spend.is_deleted,
    spend.loaded_at,
    spend.run_id
from spend
left join campaigns on spend.campaign_key = campaigns.campaign_key
where spend.fault_reason is null
