with versions as (
    select * from {{ source('bound_hubspot', 'calls') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'calls'), [
    'id', 'hubspot_owner_id', 'hs_activity_type', 'hs_call_direction', 'hs_call_disposition',
    'hs_call_status', 'hs_createdate', 'hs_lastmodifieddate', 'hs_timestamp', 'archived_at',
    'hs_call_duration',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('hs_activity_type') }} as hs_activity_type,
    {{ text('hs_call_direction') }} as hs_call_direction,
    {{ text('hs_call_disposition') }} as hs_call_disposition,
    {{ text('hs_call_status') }} as hs_call_status,
    hs_createdate,
    hs_lastmodifieddate,
    hs_timestamp,
    archived_at,
    hs_call_duration,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
