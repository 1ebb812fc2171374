with versions as (
    select * from {{ source('bound_hubspot', 'tasks') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'tasks'), [
    'id', 'hubspot_owner_id', 'hs_task_status', 'hs_task_type', 'hs_createdate',
    'hs_lastmodifieddate', 'hs_timestamp', 'hs_task_completion_date', 'archived_at',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('hs_task_status') }} as hs_task_status,
    {{ text('hs_task_type') }} as hs_task_type,
    hs_createdate,
    hs_lastmodifieddate,
    hs_timestamp,
    hs_task_completion_date,
    archived_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
