with campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
)

select
    source,
    'campaigns' as stream,
    record_key,
    id as record_id,
    name,
    cast(null as string) as utm,
    type as channel,
    start_date as starts_on,
    end_date as ends_on,
    origin,
    loaded_at,
    run_id,
    is_deleted
from campaigns
