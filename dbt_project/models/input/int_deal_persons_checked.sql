with deal_persons as (
    {{ recorded('deal_persons', [
        'source', 'stream', 'record_key', 'deal', 'person', 'role', 'is_primary', 'origin',
        'loaded_at', 'run_id', 'is_deleted',
    ]) }}
)

select
    {{ key(['source', 'record_key']) }} as deal_person_key,
    source,
    stream,
    record_key as source_record_id,
    {{ reference_key('source', 'deal') }} as deal_key,
    {{ reference_key('source', 'person') }} as person_key,
    role,
    coalesce(is_primary, 1 = 0) as is_primary,
    is_deleted,
    origin,
    loaded_at,
    run_id,
    {{ fault_columns([missing('deal'), missing('person')]) }}
from deal_persons
