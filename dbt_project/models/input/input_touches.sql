with touches as (
    select * from {{ ref('int_touches_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
),

campaigns as (
    select * from {{ ref('int_campaign_group') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

rules as (
    select * from {{ source('agreement', 'channel_rules') }}
),

channels_of_sources as (
    select
        original_source,
        channel,
        row_number() over (
            partition by original_source order by position asc nulls last
        ) as place
    from rules
    where original_source is not null
),

first_channels as (
    select
        persons.person_key,
        channels_of_sources.channel
    from persons
    inner join channels_of_sources
        on
            {{ word('persons.lead_source') }} = channels_of_sources.original_source
            and channels_of_sources.place = 1
)

select
    touches.touch_key,
    touches.source,
    touches.source_record_id,
    touches.person_key,
    coalesce(copies.same_as_key, touches.deal_key) as deal_key,
    touches.occurred_at,
    touches.is_day_only,
    touches.kind,
    coalesce(touches.channel, campaigns.channel, first_channels.channel) as channel,
    coalesce(campaigns.same_as_key, touches.campaign_key) as campaign_key,
    touches.content,
    touches.direction,
    touches.is_two_way,
    touches.is_automated,
    touches.team,
    touches.user_key,
    touches.is_deleted,
    touches.loaded_at,
    touches.run_id
from touches
left join copies on touches.deal_key = copies.deal_key
left join campaigns on touches.campaign_key = campaigns.campaign_key
-- How somebody first came is no answer to who wrote or spoke to them.
left join first_channels
    on
        touches.person_key = first_channels.person_key
        and touches.team = 'marketing'
        and touches.direction = 'in'
        and not touches.is_two_way
where touches.fault_reason is null
