-- The CRM is where the deals are; other systems have companies and copies of deals, too.
with deals as (
    select * from {{ ref('int_deals_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select deals.source
from deals
left join copies on deals.deal_key = copies.deal_key
where deals.fault_reason is null and copies.deal_key is null
group by deals.source
