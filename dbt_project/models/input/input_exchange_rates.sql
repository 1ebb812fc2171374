with exchange_rates as (
    select * from {{ ref('int_exchange_rates_checked') }}
)

select
    exchange_rate_key,
    source,
    source_record_id,
    day,
    currency,
    rate,
    is_deleted,
    loaded_at,
    run_id
from exchange_rates
where fault_reason is null
