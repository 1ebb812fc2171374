with versions as (
    select * from {{ source('bound_salesforce', 'accounts') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'accounts'), [
    'id', 'master_record_id', 'name', 'website', 'industry', 'billing_country', 'parent_id',
    'owner_id', 'number_of_employees', 'created_date', 'system_modstamp',
], present=[
    'name', 'industry', 'billing_country', 'owner_id', 'number_of_employees',
], modified='system_modstamp') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('master_record_id') }} as master_record_id,
    {{ text('name') }} as name,
    {{ text('website') }} as website,
    {{ text('industry') }} as industry,
    {{ text('billing_country') }} as billing_country,
    {{ text('parent_id') }} as parent_id,
    {{ text('owner_id') }} as owner_id,
    number_of_employees,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
