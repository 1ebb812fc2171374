with versions as (
    select * from {{ source('raw_files', 'accounts') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('accounts', [
    'record_id', 'name', 'domain', 'external_id', 'merged_into', 'industry', 'employees',
    'country', 'parent', 'created_at',
], present=[
    'name', 'industry', 'employees', 'country',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    {{ text('name') }} as name,
    {{ text('domain') }} as domain,
    {{ text('external_id') }} as external_id,
    {{ text('merged_into') }} as merged_into,
    {{ text('industry') }} as industry,
    employees,
    {{ text('country') }} as country,
    {{ text('parent') }} as parent,
    created_at,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
