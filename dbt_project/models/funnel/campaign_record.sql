-- What each source calls a campaign, and which campaign that is.
with campaigns as (
    select * from {{ ref('int_campaign_named') }}
),

groups as (
    select * from {{ ref('int_campaign_group') }}
)

select
    campaigns.campaign_key as campaign_record_id,
    groups.same_as_key as campaign_id,
    groups.name as campaign_name,
    campaigns.source,
    campaigns.source_record_id,
    campaigns.is_record,
    campaigns.name,
    campaigns.utm,
    campaigns.channel,
    groups.joined_by,
    groups.doubt,
    campaigns.touches,
    campaigns.spend_lines,
    campaigns.is_deleted
from campaigns
inner join groups on campaigns.campaign_key = groups.campaign_key
