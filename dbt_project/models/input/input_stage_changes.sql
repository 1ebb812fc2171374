with stage_changes as (
    select * from {{ ref('int_stage_changes_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    stage_changes.stage_change_key,
    stage_changes.source,
    stage_changes.source_record_id,
    stage_changes.subject_kind,
    stage_changes.person_key,
    stage_changes.deal_key,
    stage_changes.stage,
    stage_changes.changed_at,
    stage_changes.evidence,
    stage_changes.changed_by_key,
    stage_changes.reason,
    stage_changes.is_deleted,
    stage_changes.loaded_at,
    stage_changes.run_id
from stage_changes
left join copies on stage_changes.deal_key = copies.deal_key
where stage_changes.fault_reason is null and copies.deal_key is null
