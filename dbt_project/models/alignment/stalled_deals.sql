-- The open deals that are in their stage for longer than nine of ten: what to do on Monday.
with agings as (
    select * from {{ ref('open_deal_aging') }}
    where is_stalled
),

deals as (
    select * from {{ ref('fct_deal') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

last_touches as (
    select * from {{ ref('int_last_touch') }}
)

select
    agings.deal_id,
    deals.name as deal_name,
    agings.journey_id,
    accounts.name as account_name,
    agings.segment,
    deals.amount_reporting,
    deals.owner_id,
    users.full_name as owner_name,
    agings.stage,
    agings.in_stage_since,
    agings.age_in_stage,
    agings.stage_p90,
    agings.won_within_90,
    deals.expected_close_on,
    last_touches.last_marketing_touch_at,
    last_touches.last_marketing_touch,
    last_touches.last_sales_touch_at,
    last_touches.last_sales_touch
from agings
inner join deals on agings.deal_id = deals.deal_id
left join accounts on deals.account_id = accounts.account_id
left join users on deals.owner_id = users.user_id
left join last_touches on agings.journey_id = last_touches.journey_id
