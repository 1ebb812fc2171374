with deal_accounts as (
    select * from {{ ref('int_deal_accounts_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    deal_accounts.deal_account_key,
    deal_accounts.source,
    deal_accounts.source_record_id,
    coalesce(copies.same_as_key, deal_accounts.deal_key) as deal_key,
    deal_accounts.account_key,
    deal_accounts.role,
    deal_accounts.is_primary,
    deal_accounts.is_deleted,
    deal_accounts.loaded_at,
    deal_accounts.run_id
from deal_accounts
left join copies on deal_accounts.deal_key = copies.deal_key
where deal_accounts.fault_reason is null
