with versions as (
    select * from {{ source('raw_files', 'owner_changes') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('owner_changes', [
    'subject_kind', 'subject', 'owner', 'changed_at', 'changed_by',
]) }}

select
    source,
    stream,
    record_key,
    lower({{ text('subject_kind') }}) as subject_kind,
    {{ text('subject') }} as subject,
    {{ text('owner') }} as owner,
    changed_at,
    {{ text('changed_by') }} as changed_by,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
