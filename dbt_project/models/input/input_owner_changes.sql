with owner_changes as (
    select * from {{ ref('int_owner_changes_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    owner_changes.owner_change_key,
    owner_changes.source,
    owner_changes.source_record_id,
    owner_changes.subject_kind,
    owner_changes.person_key,
    owner_changes.deal_key,
    owner_changes.owner_key,
    owner_changes.changed_at,
    owner_changes.changed_by_key,
    owner_changes.is_deleted,
    owner_changes.loaded_at,
    owner_changes.run_id
from owner_changes
left join copies on owner_changes.deal_key = copies.deal_key
where owner_changes.fault_reason is null and copies.deal_key is null
