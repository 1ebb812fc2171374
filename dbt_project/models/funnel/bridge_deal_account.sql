with deals as (
    select * from {{ ref('fct_deal') }}
),

deal_accounts as (
    select * from {{ ref('int_deal_account') }}
),

-- A deal on which no known account is named has that of its primary contact.
of_contacts as (
    select
        deals.deal_id,
        deals.account_id
    from deals
    left join deal_accounts on deals.deal_id = deal_accounts.deal_id
    where deals.account_id is not null and deal_accounts.deal_id is null
)

select
    deal_accounts.deal_id,
    deal_accounts.account_id,
    deal_accounts.role,
    deal_accounts.is_primary,
    1 = 0 as is_of_contact
from deal_accounts
inner join deals on deal_accounts.deal_id = deals.deal_id
union all
select
    deal_id,
    account_id,
    cast(null as string) as role,
    1 = 1 as is_primary,
    1 = 1 as is_of_contact
from of_contacts
