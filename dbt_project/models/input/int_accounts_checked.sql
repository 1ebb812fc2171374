with accounts as (
    {{ recorded('accounts', [
        'source', 'stream', 'record_key', 'record_id', 'name', 'domain', 'external_id',
        'merged_into', 'industry', 'employees', 'country', 'parent', 'created_at', 'origin', 'loaded_at', 'run_id',
        'is_deleted',
    ]) }}
)

select
    {{ key(['source', 'record_id']) }} as account_key,
    source,
    stream,
    record_key as source_record_id,
    name,
    {{ bare_domain('domain') }} as domain,
    {{ shared_account_id('external_id') }} as external_id,
    {{ reference_key('source', 'merged_into') }} as merged_into_key,
    industry,
    employees,
    country,
    {{ reference_key('source', 'parent') }} as parent_key,
    created_at,
    is_deleted,
    origin,
    loaded_at,
    run_id,
    {{ fault_columns([
        missing('record_id'),
        in_the_future('created_at', 'loaded_at'),
        {
            'when': 'employees < 0', 'reason': 'impossible_value',
            'detail': "'employees is ' || cast(employees as string)",
        },
    ]) }}
from accounts
