with versions as (
    select * from {{ source('bound_hubspot', 'task_associations') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'task_associations'), [
    'from_id', 'to_type', 'to_id', 'category', 'label', 'type_id',
]) }}

select
    source,
    record_key,
    {{ text('from_id') }} as from_id,
    {{ text('to_type') }} as to_type,
    {{ text('to_id') }} as to_id,
    {{ text('category') }} as category,
    {{ text('label') }} as label,
    type_id,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
