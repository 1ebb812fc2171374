with versions as (
    select * from {{ source('bound_salesforce', 'campaign_members') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'campaign_members'), [
    'id', 'campaign_id', 'lead_id', 'contact_id', 'status', 'has_responded',
    'first_responded_date', 'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('campaign_id') }} as campaign_id,
    {{ text('lead_id') }} as lead_id,
    {{ text('contact_id') }} as contact_id,
    {{ text('status') }} as status,
    has_responded,
    first_responded_date,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
