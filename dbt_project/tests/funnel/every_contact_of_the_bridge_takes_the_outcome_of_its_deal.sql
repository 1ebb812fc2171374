-- A journey that the bridge ties to a deal has the deal's outcome; the primary one alone has its
-- id and amount.
with bridge as (
    select * from {{ ref('bridge_deal_prospect') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
)

select bridge.journey_id
from bridge
left join deals on bridge.deal_id = deals.deal_id
left join journeys
    on bridge.journey_id = journeys.journey_id and bridge.prospect_id = journeys.prospect_id
where
    deals.deal_id is null
    or journeys.journey_id is null
    or journeys.outcome <> deals.outcome
    or journeys.is_primary <> bridge.is_primary
    or (bridge.is_primary and coalesce(journeys.deal_id, '') <> bridge.deal_id)
    or (not bridge.is_primary and coalesce(journeys.member_of_deal_id, '') <> bridge.deal_id)
    or (not bridge.is_primary and journeys.amount is not null)
