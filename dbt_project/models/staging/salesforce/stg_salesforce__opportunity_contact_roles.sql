with versions as (
    select * from {{ source('bound_salesforce', 'opportunity_contact_roles') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'opportunity_contact_roles'), [
    'id', 'opportunity_id', 'contact_id', 'role', 'is_primary', 'created_date',
    'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('opportunity_id') }} as opportunity_id,
    {{ text('contact_id') }} as contact_id,
    {{ text('role') }} as role,
    is_primary,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
