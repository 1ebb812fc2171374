with versions as (
    select * from {{ source('bound_hubspot', 'marketing_events') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'marketing_events'), [
    'id', 'event_name', 'event_type', 'event_organizer', 'external_event_id', 'event_status',
    'start_date_time', 'end_date_time', 'created_at', 'updated_at', 'event_cancelled',
    'event_completed',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('event_name') }} as event_name,
    {{ text('event_type') }} as event_type,
    {{ text('event_organizer') }} as event_organizer,
    {{ text('external_event_id') }} as external_event_id,
    {{ text('event_status') }} as event_status,
    start_date_time,
    end_date_time,
    created_at,
    updated_at,
    event_cancelled,
    event_completed,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
