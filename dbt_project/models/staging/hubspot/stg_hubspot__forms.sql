with versions as (
    select * from {{ source('bound_hubspot', 'forms') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'forms'), [
    'id', 'name', 'form_type', 'created_at', 'updated_at', 'archived',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('form_type') }} as form_type,
    created_at,
    updated_at,
    archived,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
