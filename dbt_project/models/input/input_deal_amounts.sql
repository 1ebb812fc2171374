with deal_amounts as (
    select * from {{ ref('int_deal_amounts_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    deal_amounts.deal_amount_key,
    deal_amounts.source,
    deal_amounts.source_record_id,
    deal_amounts.deal_key,
    deal_amounts.amount,
    deal_amounts.currency,
    deal_amounts.changed_at,
    deal_amounts.changed_by_key,
    deal_amounts.is_deleted,
    deal_amounts.loaded_at,
    deal_amounts.run_id
from deal_amounts
left join copies on deal_amounts.deal_key = copies.deal_key
where deal_amounts.fault_reason is null and copies.deal_key is null
