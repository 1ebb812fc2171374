with versions as (
    select * from {{ source('raw_files', 'deal_persons') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('deal_persons', [
    'deal', 'person', 'role', 'is_primary',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('deal') }} as deal,
    {{ text('person') }} as person,
    {{ text('role') }} as role,
    is_primary,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
