-- What stands behind each promise of volume, one by one.
with deliveries as (
    select * from {{ ref('int_commitment_delivery') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    deliveries.month,
    deliveries.segment,
    deliveries.team,
    deliveries.metric,
    deliveries.journey_id,
    deliveries.deal_id,
    deliveries.occurred_at,
    deliveries.quantity,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from deliveries
cross join clock
