with deal_amounts as (
    {{ recorded('deal_amounts', [
        'source', 'stream', 'record_key', 'deal', 'amount', 'currency', 'changed_at',
        'changed_by', 'unreadable_amount', 'origin', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
)

select
    {{ key(['changes.source', 'changes.record_key']) }} as deal_amount_key,
    changes.source,
    changes.stream,
    changes.record_key as source_record_id,
    {{ reference_key('changes.source', 'changes.deal') }} as deal_key,
    changes.amount,
    changes.currency,
    changes.changed_at,
    {{ reference_key('changes.source', 'changes.changed_by') }} as changed_by_key,
    changes.is_deleted,
    changes.origin,
    changes.loaded_at,
    changes.run_id,
    {{ fault_columns([
        missing('changes.deal'),
        missing('changes.changed_at'),
        {
            'when': 'changes.unreadable_amount is not null', 'reason': 'impossible_value',
            'detail': "'amount is ''' || changes.unreadable_amount || ''', which is no number'",
        },
        in_the_future('changes.changed_at', 'changes.loaded_at'),
    ]) }}
from deal_amounts as changes
