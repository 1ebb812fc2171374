with campaigns as (
    select * from {{ ref('int_campaign_named') }}
),

groups as (
    select * from {{ ref('int_campaign_group') }}
),

parts as (
    select
        groups.same_as_key as campaign_key,
        groups.name,
        min(campaigns.starts_on) as starts_on,
        max(campaigns.ends_on) as ends_on,
        min(case when campaigns.is_deleted then 1 else 0 end) as is_deleted,
        max(campaigns.loaded_at) as loaded_at
    from groups
    inner join campaigns on groups.campaign_key = campaigns.campaign_key
    group by groups.same_as_key, groups.name
)

select
    parts.campaign_key,
    campaigns.source,
    campaigns.source_record_id,
    parts.name,
    groups.channel,
    parts.starts_on,
    parts.ends_on,
    parts.is_deleted = 1 as is_deleted,
    parts.loaded_at,
    campaigns.run_id
from parts
inner join groups on parts.campaign_key = groups.campaign_key
inner join campaigns on parts.campaign_key = campaigns.campaign_key
