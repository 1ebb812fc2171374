with campaigns as (
    select * from {{ ref('stg_hubspot__campaigns') }}
)

select
    source,
    'campaigns' as stream,
    record_key,
    id as record_id,
    hs_name as name,
    hs_utm as utm,
    cast(null as string) as channel,
    hs_start_date as starts_on,
    hs_end_date as ends_on,
    origin,
    loaded_at,
    run_id,
    is_deleted
from campaigns
