-- Every deal has exactly one primary journey: the one that fct_deal names, and the only one that
-- carries its id.
with deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
)

select
    deals.deal_id,
    count(journeys.journey_id) as primary_journeys
from deals
left join journeys on deals.deal_id = journeys.deal_id
group by deals.deal_id, deals.journey_id
having
    count(journeys.journey_id) <> 1
    or coalesce(max(journeys.journey_id), '') <> coalesce(deals.journey_id, '')
