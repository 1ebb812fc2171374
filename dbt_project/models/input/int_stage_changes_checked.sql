with stage_changes as (
    {{ recorded('stage_changes', [
        'source', 'stream', 'record_key', 'subject_kind', 'subject', 'stage',
        'stage_vocabulary', 'changed_at', 'evidence', 'changed_by', 'reason', 'origin',
        'loaded_at', 'run_id', 'is_deleted',
    ]) }}
),

stage_words as (
    select * from {{ source('agreement', 'stage_words') }}
),

with_default as (
    select
        source,
        stream,
        record_key,
        subject_kind,
        subject,
        stage,
        stage_vocabulary,
        changed_at,
        coalesce(evidence, 'history') as evidence,
        changed_by,
        reason,
        is_deleted,
        origin,
        loaded_at,
        run_id
    from stage_changes
)

select
    {{ key(['changes.source', 'changes.record_key']) }} as stage_change_key,
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
    stage_words.stage,
    changes.changed_at,
    changes.evidence,
    {{ reference_key('changes.source', 'changes.changed_by') }} as changed_by_key,
    changes.reason,
    changes.is_deleted,
    changes.origin,
    changes.loaded_at,
    changes.run_id,
    {{ fault_columns([
        missing('changes.subject'),
        missing('changes.stage'),
        missing('changes.changed_at'),
        unknown_word('changes.subject_kind', ['person', 'deal']),
        unknown_word('changes.evidence', ['history', 'timestamp_property', 'observed']),
        unmapped_stage('changes'),
        in_the_future('changes.changed_at', 'changes.loaded_at'),
    ]) }}
from with_default as changes
left join stage_words
    on
        changes.stage_vocabulary = stage_words.vocabulary
        and {{ word('changes.stage') }} = {{ word('stage_words.word') }}
