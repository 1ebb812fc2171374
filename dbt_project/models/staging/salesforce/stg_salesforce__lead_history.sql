with versions as (
    select * from {{ source('bound_salesforce', 'lead_history') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'lead_history'), [
    'id', 'lead_id', 'field', 'old_value', 'new_value', 'created_by_id', 'created_date',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('lead_id') }} as lead_id,
    {{ text('field') }} as field,
    {{ text('old_value') }} as old_value,
    {{ text('new_value') }} as new_value,
    {{ text('created_by_id') }} as created_by_id,
    created_date,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
