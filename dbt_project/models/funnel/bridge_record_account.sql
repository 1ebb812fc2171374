with accounts as (
    select * from {{ ref('input_accounts') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
)

select
    accounts.account_key,
    account_links.account_id,
    account_links.joined_by,
    account_links.joined_through_key,
    account_links.domain,
    accounts.external_id,
    accounts.source,
    accounts.source_record_id,
    accounts.is_deleted
from accounts
inner join account_links on accounts.account_key = account_links.account_key
