with owner_changes as (
    {{ recorded('owner_changes', [
        'source', 'stream', 'record_key', 'subject_kind', 'subject', 'owner', 'changed_at',
        'changed_by', 'origin', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
)

select
    {{ key(['changes.source', 'changes.record_key']) }} as owner_change_key,
    changes.source,
    changes.stream,
    changes.record_key as source_record_id,
    changes.subject_kind,
    case
        when changes.subject_kind = 'person'
            then {{ reference_key('changes.source', 'changes.subject') }}
    end as person_key,
    case
        when changes.subject_kind = 'deal'
            then {{ reference_key('changes.source', 'changes.subject') }}
    end as deal_key,
    {{ reference_key('changes.source', 'changes.owner') }} as owner_key,
    changes.changed_at,
    {{ reference_key('changes.source', 'changes.changed_by') }} as changed_by_key,
    changes.is_deleted,
    changes.origin,
    changes.loaded_at,
    changes.run_id,
    {{ fault_columns([
        missing('changes.subject'),
        missing('changes.changed_at'),
        unknown_word('changes.subject_kind', ['person', 'deal']),
        in_the_future('changes.changed_at', 'changes.loaded_at'),
    ]) }}
from owner_changes as changes
