-- HubSpot keeps no history of teams: an owner is of the team that the newest load by then found.
with owners as (
    select * from {{ ref('stg_hubspot__owners') }}
),

spans as (
    select * from {{ ref('stg_hubspot__owner_spans') }}
)

select
    owners.source,
    'owners' as stream,
    {{ span_key('owners.record_key', 'spans.valid_from') }} as record_key,
    owners.id as record_id,
    nullif(trim(coalesce(owners.first_name, '') || ' ' || coalesce(owners.last_name, '')), '')
        as full_name,
    owners.email,
    spans.team as role,
    owners.source || '.owners.team' as role_vocabulary,
    spans.valid_from,
    spans.valid_to,
    owners.origin,
    owners.loaded_at,
    owners.run_id,
    owners.is_deleted
from owners
inner join spans on owners.source = spans.source and owners.record_key = spans.record_key
