with deals as (
    select * from {{ ref('fct_deal') }}
),

primaries as (
    select * from {{ ref('bridge_deal_account') }}
    where is_primary
),

counted as (
    select
        deals.deal_id,
        deals.account_id,
        count(primaries.account_id) as n_primaries,
        min(primaries.account_id) as primary_account_id
    from deals
    left join primaries on deals.deal_id = primaries.deal_id
    group by deals.deal_id, deals.account_id
)

select
    deal_id,
    account_id,
    n_primaries,
    primary_account_id
from counted
where
    n_primaries <> case when account_id is null then 0 else 1 end
    or primary_account_id <> account_id
