with versions as (
    select * from {{ source('raw_files', 'stage_changes') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('stage_changes', [
    'subject_kind', 'subject', 'stage', 'stage_vocabulary', 'changed_at', 'evidence',
    'changed_by', 'reason',
]) }}

select
    source,
    stream,
    record_key,
    lower({{ text('subject_kind') }}) as subject_kind,
    {{ text('subject') }} as subject,
    {{ text('stage') }} as stage,
    stage_vocabulary,
    changed_at,
    lower({{ text('evidence') }}) as evidence,
    {{ text('changed_by') }} as changed_by,
    {{ text('reason') }} as reason,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
