-- HubSpot keeps no history of teams: an owner's present team is the team of all time.
with owners as (
    select * from {{ ref('stg_hubspot__owners') }}
)

select
    source,
    'owners' as stream,
    record_key,
    id as record_id,
    nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as full_name,
    email,
    team as role,
    source || '.owners.team' as role_vocabulary,
    cast(null as timestamp) as valid_from,
    cast(null as timestamp) as valid_to,
    origin,
    loaded_at,
    run_id,
    is_deleted
from owners
