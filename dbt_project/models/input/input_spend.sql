with spend as (
    select * from {{ ref('int_spend_checked') }}
)

select
    spend_key,
    source,
    source_record_id,
    day,
    channel,
    campaign_key,
    amount,
    currency,
    is_deleted,
    loaded_at,
    run_id
from spend
where fault_reason is null
