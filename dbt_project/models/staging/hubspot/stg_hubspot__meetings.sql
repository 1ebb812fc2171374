with versions as (
    select * from {{ source('bound_hubspot', 'meetings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'meetings'), [
    'id', 'hubspot_owner_id', 'hs_activity_type', 'hs_meeting_outcome', 'hs_createdate',
    'hs_lastmodifieddate', 'hs_timestamp', 'hs_meeting_start_time', 'hs_meeting_end_time',
    'archived_at',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('hs_activity_type') }} as hs_activity_type,
    {{ text('hs_meeting_outcome') }} as hs_meeting_outcome,
    hs_createdate,
    hs_lastmodifieddate,
    hs_timestamp,
    hs_meeting_start_time,
    hs_meeting_end_time,
    archived_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
