with versions as (
    select * from {{ source('bound_salesforce', 'events') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'events'), [
    'id', 'who_id', 'what_id', 'account_id', 'owner_id', 'type', 'event_subtype',
    'is_all_day_event', 'activity_date', 'activity_date_time', 'start_date_time',
    'end_date_time', 'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('who_id') }} as who_id,
    {{ text('what_id') }} as what_id,
    {{ text('account_id') }} as account_id,
    {{ text('owner_id') }} as owner_id,
    {{ text('type') }} as type,
    {{ text('event_subtype') }} as event_subtype,
    is_all_day_event,
    activity_date,
    activity_date_time,
    start_date_time,
    end_date_time,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
