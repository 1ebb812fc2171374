with stage_changes as (
    select * from {{ ref('int_stage_changes_checked') }}
)

select
    stage_change_key,
    source,
    source_record_id,
    subject_kind,
    person_key,
    deal_key,
    stage,
    changed_at,
    evidence,
    changed_by_key,
    reason,
    is_deleted,
    loaded_at,
    run_id
from stage_changes
where fault_reason is null
