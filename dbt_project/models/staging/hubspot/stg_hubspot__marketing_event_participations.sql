with versions as (
    select * from {{ source('bound_hubspot', 'marketing_event_participations') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'marketing_event_participations'), [
    'event_id', 'contact_id', 'email', 'attendance_state', 'attendance_percentage',
    'occurred_at', 'attendance_duration_seconds',
]) }}

select
    source,
    record_key,
    {{ text('event_id') }} as event_id,
    {{ text('contact_id') }} as contact_id,
    {{ text('email') }} as email,
    {{ text('attendance_state') }} as attendance_state,
    {{ text('attendance_percentage') }} as attendance_percentage,
    occurred_at,
    attendance_duration_seconds,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
