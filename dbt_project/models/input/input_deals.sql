with deals as (
    select * from {{ ref('int_deals_checked') }}
)

select
    deal_key,
    source,
    source_record_id,
    name,
    account_key,
    person_key,
    pipeline,
    stage,
    amount,
    currency,
    owner_key,
    lead_source,
    campaign_key,
    created_at,
    closed_at,
    expected_close_on,
    close_reason,
    is_deleted,
    loaded_at,
    run_id
from deals
where fault_reason is null
