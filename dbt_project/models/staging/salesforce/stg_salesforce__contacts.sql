with versions as (
    select * from {{ source('bound_salesforce', 'contacts') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'contacts'), [
    'id', 'master_record_id', 'account_id', 'first_name', 'last_name', 'email', 'phone',
    'mobile_phone', 'mailing_country', 'lead_source', 'owner_id', 'created_date',
    'system_modstamp',
], present=[
    'first_name', 'last_name', 'mailing_country', 'lead_source', 'owner_id',
], modified='system_modstamp') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('master_record_id') }} as master_record_id,
    {{ text('account_id') }} as account_id,
    {{ text('first_name') }} as first_name,
    {{ text('last_name') }} as last_name,
    {{ text('email') }} as email,
    {{ text('phone') }} as phone,
    {{ text('mobile_phone') }} as mobile_phone,
    {{ text('mailing_country') }} as mailing_country,
    {{ text('lead_source') }} as lead_source,
    {{ text('owner_id') }} as owner_id,
    created_date,
    system_modstamp,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
