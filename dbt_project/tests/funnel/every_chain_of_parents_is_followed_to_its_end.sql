-- An account with a parent has its parent's top, one step further down; one without is its own.
-- Where that does not hold, chain_ends had too few rounds for so long a chain: raise its `rounds`.
with accounts as (
    select * from {{ ref('dim_account') }}
)

select
    accounts.account_id,
    accounts.parent_account_id,
    accounts.top_account_id,
    accounts.depth
from accounts
left join accounts as parents on accounts.parent_account_id = parents.account_id
where
    case
        when accounts.parent_account_id is null
            then accounts.top_account_id <> accounts.account_id or accounts.depth <> 0
        else
            parents.account_id is null
            or accounts.top_account_id <> parents.top_account_id
            or accounts.depth <> parents.depth + 1
    end
