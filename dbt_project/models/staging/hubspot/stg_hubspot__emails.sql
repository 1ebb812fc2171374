with versions as (
    select * from {{ source('bound_hubspot', 'emails') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'emails'), [
    'id', 'hubspot_owner_id', 'hs_email_direction', 'hs_email_status', 'hs_createdate',
    'hs_lastmodifieddate', 'hs_timestamp', 'archived_at',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('hs_email_direction') }} as hs_email_direction,
    {{ text('hs_email_status') }} as hs_email_status,
    hs_createdate,
    hs_lastmodifieddate,
    hs_timestamp,
    archived_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
