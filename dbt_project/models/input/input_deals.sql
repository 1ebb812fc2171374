with deals as (
    select * from {{ ref('int_deals_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
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
    deals.campaign_key,
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
where deals.fault_reason is null and copies.deal_key is null
