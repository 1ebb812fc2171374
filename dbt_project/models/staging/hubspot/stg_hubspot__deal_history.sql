with versions as (
    select * from {{ source('bound_hubspot', 'deal_history') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'deal_history'), [
    'deal_id', 'property', 'value', 'source_type', 'source_id', 'updated_by_user_id',
    'changed_at', 'nth',
]) }}

select
    source,
    record_key,
    {{ text('deal_id') }} as deal_id,
    {{ text('property') }} as property,
    {{ text('value') }} as value,
    {{ text('source_type') }} as source_type,
    {{ text('source_id') }} as source_id,
    {{ text('updated_by_user_id') }} as updated_by_user_id,
    changed_at,
    nth,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
