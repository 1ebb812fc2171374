with journey_deals as (
    select * from {{ ref('int_journey_deal') }}
)

select
    deal_id,
    prospect_id,
    journey_id,
    role,
    is_primary
from journey_deals
where prospect_id is not null
