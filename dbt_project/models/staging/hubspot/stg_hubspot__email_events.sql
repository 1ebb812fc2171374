with versions as (
    select * from {{ source('bound_hubspot', 'email_events') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'email_events'), [
    'id', 'type', 'recipient', 'email_campaign_id', 'app_id', 'url', 'created',
    'filtered_event',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('type') }} as type,
    {{ text('recipient') }} as recipient,
    {{ text('email_campaign_id') }} as email_campaign_id,
    {{ text('app_id') }} as app_id,
    {{ text('url') }} as url,
    created,
    filtered_event,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
