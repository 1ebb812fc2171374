with campaigns as (
    select * from {{ ref('int_campaigns_checked') }}
)

select
    campaign_key,
    source,
    source_record_id,
    name,
    channel,
    starts_on,
    ends_on,
    is_deleted,
    loaded_at,
    run_id
from campaigns
where fault_reason is null
