with versions as (
    select * from {{ source('bound_salesforce', 'opportunities') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'opportunities'), [
    'id', 'account_id', 'contact_id', 'name', 'stage_name', 'type', 'lead_source',
    'campaign_id', 'owner_id', 'currency_iso_code', 'forecast_category_name', 'is_closed',
    'is_won', 'amount', 'probability', 'close_date', 'created_date', 'system_modstamp',
    'last_stage_change_date', 'close_reason',
], present=[
    'name', 'type', 'lead_source', 'campaign_id', 'owner_id', 'currency_iso_code',
    'forecast_category_name', 'amount', 'probability', 'close_reason',
], and_then=['close_date'], seen=['stage_name'], modified='system_modstamp') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('account_id') }} as account_id,
    {{ text('contact_id') }} as contact_id,
    {{ text('name') }} as name,
    {{ text('stage_name') }} as stage_name,
    stage_name_seen_at,
    {{ text('type') }} as type,
    {{ text('lead_source') }} as lead_source,
    {{ text('campaign_id') }} as campaign_id,
    {{ text('owner_id') }} as owner_id,
    {{ text('currency_iso_code') }} as currency_iso_code,
    {{ text('forecast_category_name') }} as forecast_category_name,
    {{ text('close_reason') }} as close_reason,
    is_closed,
    is_won,
    amount,
    probability,
    close_date,
    close_date_then,
    created_date,
    system_modstamp,
    last_stage_change_date,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
