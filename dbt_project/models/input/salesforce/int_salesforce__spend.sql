-- What a campaign cost is one sum; it counts on the day on which the campaign began.
with campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
)

select
    source,
    'campaigns' as stream,
    record_key,
    coalesce(start_date, cast(created_date as date)) as day,
    type as channel,
    id as campaign,
    actual_cost as amount,
    currency_iso_code as currency,
    record_key as lake_record_id,
    0 as fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from campaigns
where actual_cost is not null and actual_cost <> 0
