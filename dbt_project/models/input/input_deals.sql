with deals as (
    select * from {{ ref('int_deals_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
),

campaigns as (
    select * from {{ ref('int_campaign_group') }}
)

select
    deals.deal_key,
    deals.source,
    deals.source_record_id,
    deals.name,
    deals.account_key,
    deals.person_key,
    deals.pipeline,
    deals.stage,
    deals.stage_seen_at,
    deals.amount,
    deals.currency,
    deals.owner_key,
    deals.lead_source,
    coalesce(campaigns.same_as_key, deals.campaign_key) as campaign_key,
    deals.created_at,
    deals.closed_at,
    deals.expected_close_on,
    deals.close_reason,
    deals.is_deleted,
    deals.first_loaded_at,
    deals.loaded_at,
    deals.run_id
from deals
left join copies on deals.deal_key = copies.deal_key
left join campaigns on deals.campaign_key = campaigns.campaign_key
where deals.fault_reason is null and copies.deal_key is null
