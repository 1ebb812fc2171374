with versions as (
    select * from {{ source('bound_salesforce', 'campaigns') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'campaigns'), [
    'id', 'name', 'type', 'status', 'parent_id', 'currency_iso_code', 'is_active',
    'actual_cost', 'budgeted_cost', 'start_date', 'end_date', 'created_date',
    'system_modstamp',
], present=[
    'name', 'type', 'status', 'currency_iso_code', 'is_active', 'actual_cost', 'budgeted_cost',
    'start_date', 'end_date',
], modified='system_modstamp') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('type') }} as type,
    {{ text('status') }} as status,
    {{ text('parent_id') }} as parent_id,
    {{ text('currency_iso_code') }} as currency_iso_code,
    is_active,
    actual_cost,
    budgeted_cost,
    start_date,
    end_date,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
