with versions as (
    select * from {{ source('bound_hubspot', 'marketing_emails') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'marketing_emails'), [
    'id', 'name', 'subject', 'campaign_id', 'email_campaign_ids', 'state', 'created_at',
    'updated_at',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('subject') }} as subject,
    {{ text('campaign_id') }} as campaign_id,
    {{ text('email_campaign_ids') }} as email_campaign_ids,
    {{ text('state') }} as state,
    created_at,
    updated_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
