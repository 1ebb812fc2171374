with spend as (
    select * from {{ ref('stg_hubspot__campaign_spend') }}
),

campaigns as (
    select * from {{ ref('stg_hubspot__campaigns') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
)

select
    spend.source,
    'campaign_spend' as stream,
    spend.record_key,
    -- HubSpot dates what a campaign cost by when the item was written down.
    {{ local_date('spend.created_at', 'settings.time_zone') }} as day,
    cast(null as string) as channel,
    spend.campaign_id as campaign,
    spend.amount,
    campaigns.hs_currency_code as currency,
    spend.record_key as lake_record_id,
    0 as fill,
    spend.origin,
    spend.loaded_at,
    spend.run_id,
    spend.is_deleted
from spend
cross join settings
left join campaigns
    on spend.source = campaigns.source and spend.campaign_id = campaigns.id
