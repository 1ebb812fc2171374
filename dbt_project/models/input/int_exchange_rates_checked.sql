with exchange_rates as (
    {{ recorded('exchange_rates', [
        'source', 'stream', 'record_key', 'day', 'currency', 'rate', 'origin', 'loaded_at',
        'run_id', 'is_deleted',
    ], kinds=['files', 'salesforce']) }}
)

select
    {{ key(['source', 'record_key']) }} as exchange_rate_key,
    source,
    stream,
    record_key as source_record_id,
    day,
    currency,
    rate,
    is_deleted,
    origin,
    loaded_at,
    run_id,
    {{ fault_columns([
        missing('day'),
        missing('currency'),
        missing('rate'),
        {
            'when': 'rate <= 0', 'reason': 'impossible_value',
            'detail': "'rate is ' || cast(rate as string)",
        },
    ]) }}
from exchange_rates
