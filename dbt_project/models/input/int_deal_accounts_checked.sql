with deal_accounts as (
    {{ recorded('deal_accounts', [
        'source', 'stream', 'record_key', 'deal', 'account', 'role', 'is_primary', 'origin',
        'loaded_at', 'run_id', 'is_deleted',
    ]) }}
)

select
    {{ key(['source', 'record_key']) }} as deal_account_key,
    source,
    stream,
    record_key as source_record_id,
    {{ reference_key('source', 'deal') }} as deal_key,
    {{ reference_key('source', 'account') }} as account_key,
    role,
    coalesce(is_primary, 1 = 0) as is_primary,
    is_deleted,
    origin,
    loaded_at,
    run_id,
    {{ fault_columns([missing('deal'), missing('account')]) }}
from deal_accounts
