-- The deals on which the definitions of who brought it differ, and what each goes by.
with sourced as (
    select * from {{ ref('int_sourced_deal') }}
    where is_disagreed
),

origins as (
    select * from {{ ref('int_deal_origin') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
)

select
    sourced.deal_id,
    sourced.journey_id,
    sourced.prospect_id,
    deals.account_id,
    deals.name,
    sourced.segment,
    deals.owner_id,
    deals.outcome,
    deals.amount_reporting as amount,
    sourced.opportunity_at,
    sourced.won_at,
    sourced.recorded,
    sourced.first_touch,
    sourced.before_sales,
    sourced.recorded_source,
    origins.first_touch_id,
    origins.first_touch_at,
    origins.first_touch_team,
    origins.first_touch_channel,
    origins.first_touch_kind,
    origins.first_touch_campaign_id,
    origins.first_marketing_touch_at,
    origins.first_sales_at,
    origins.first_sales_activity
from sourced
inner join origins on sourced.deal_id = origins.deal_id
inner join deals on sourced.deal_id = deals.deal_id
