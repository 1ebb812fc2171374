with campaigns as (
    select * from {{ ref('input_campaigns') }}
)

select
    campaign_key as campaign_id,
    name,
    channel,
    starts_on,
    ends_on,
    source,
    source_record_id,
    is_deleted
from campaigns
