with exchange_rates as (
    select * from {{ ref('stg_files__exchange_rates') }}
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
