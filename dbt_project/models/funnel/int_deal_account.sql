-- The known accounts that are named on a deal: one row per deal and account, however many of its
-- records stand there.
with deals as (
    select * from {{ ref('input_deals') }}
    where not is_deleted
),

deal_accounts as (
    select * from {{ ref('input_deal_accounts') }}
    where not is_deleted
),

account_links as (
    select * from {{ ref('int_account_link') }}
),

-- What the deal's own system calls primary comes first, then the account that the deal itself
-- names, then what another system calls primary.
named as (
    select
        deal_accounts.deal_key as deal_id,
        deal_accounts.account_key,
        deal_accounts.role,
        case
            when deal_accounts.is_primary and deal_accounts.source = deals.source then 0
            when deal_accounts.is_primary then 2
            else 3
        end as account_rank
    from deal_accounts
    inner join deals on deal_accounts.deal_key = deals.deal_key
    union all
    select
        deal_key as deal_id,
        account_key,
        cast(null as string) as role,
        1 as account_rank
    from deals
    where account_key is not null
),

known as (
    select
        named.deal_id,
        account_links.account_id,
        named.role,
        named.account_rank,
        case when named.account_rank = 1 then 1 else 0 end as is_own,
        row_number() over (
            partition by named.deal_id, account_links.account_id
            order by
                case when named.role is null then 1 else 0 end asc nulls last,
                named.account_rank asc nulls last,
                named.role asc nulls last,
                named.account_key asc nulls last
        ) as role_rank
    from named
    inner join account_links on named.account_key = account_links.account_key
),

by_account as (
    select
        deal_id,
        account_id,
        max(case when role_rank = 1 then role end) as role,
        min(account_rank) as account_rank,
        max(is_own) as is_own
    from known
    group by deal_id, account_id
)

select
    deal_id,
    account_id,
    role,
    row_number() over (
        partition by deal_id
        order by account_rank asc nulls last, is_own desc nulls last, account_id asc nulls last
    ) = 1 as is_primary
from by_account
