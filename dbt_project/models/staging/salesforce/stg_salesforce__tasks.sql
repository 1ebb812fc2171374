with versions as (
    select * from {{ source('bound_salesforce', 'tasks') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'tasks'), [
    'id', 'who_id', 'what_id', 'account_id', 'status', 'owner_id', 'type', 'task_subtype',
    'call_type', 'call_disposition', 'is_closed', 'call_duration_in_seconds', 'activity_date',
    'completed_date_time', 'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('who_id') }} as who_id,
    {{ text('what_id') }} as what_id,
    {{ text('account_id') }} as account_id,
    {{ text('status') }} as status,
    {{ text('owner_id') }} as owner_id,
    {{ text('type') }} as type,
    {{ text('task_subtype') }} as task_subtype,
    {{ text('call_type') }} as call_type,
    {{ text('call_disposition') }} as call_disposition,
    is_closed,
    call_duration_in_seconds,
    activity_date,
    completed_date_time,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
