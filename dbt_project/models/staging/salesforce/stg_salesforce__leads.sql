with versions as (
    select * from {{ source('bound_salesforce', 'leads') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'leads'), [
    'id', 'master_record_id', 'first_name', 'last_name', 'company', 'email', 'phone',
    'mobile_phone', 'country', 'lead_source', 'status', 'owner_id', 'converted_account_id',
    'converted_contact_id', 'converted_opportunity_id', 'currency_iso_code', 'is_converted',
    'converted_date', 'created_date', 'system_modstamp', 'disqualification_reason',
], present=[
    'first_name', 'last_name', 'company', 'country', 'lead_source', 'owner_id',
    'currency_iso_code', 'disqualification_reason',
], seen=['status'], modified='system_modstamp') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('master_record_id') }} as master_record_id,
    {{ text('first_name') }} as first_name,
    {{ text('last_name') }} as last_name,
    {{ text('company') }} as company,
    {{ text('email') }} as email,
    {{ text('phone') }} as phone,
    {{ text('mobile_phone') }} as mobile_phone,
    {{ text('country') }} as country,
    {{ text('lead_source') }} as lead_source,
    {{ text('status') }} as status,
    status_seen_at,
    {{ text('owner_id') }} as owner_id,
    {{ text('converted_account_id') }} as converted_account_id,
    {{ text('converted_contact_id') }} as converted_contact_id,
    {{ text('converted_opportunity_id') }} as converted_opportunity_id,
    {{ text('currency_iso_code') }} as currency_iso_code,
    {{ text('disqualification_reason') }} as disqualification_reason,
    is_converted,
    converted_date,
    created_date,
    system_modstamp,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
