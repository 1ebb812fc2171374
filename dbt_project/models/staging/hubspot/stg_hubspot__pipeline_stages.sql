with versions as (
    select * from {{ source('bound_hubspot', 'pipeline_stages') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'pipeline_stages'), [
    'object_type', 'pipeline_id', 'id', 'label', 'metadata', 'probability', 'display_order',
    'archived', 'is_closed',
]) }}

select
    source,
    record_key,
    {{ text('object_type') }} as object_type,
    {{ text('pipeline_id') }} as pipeline_id,
    {{ text('id') }} as id,
    {{ text('label') }} as label,
    {{ text('metadata') }} as metadata,
    probability,
    display_order,
    archived,
    is_closed,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
