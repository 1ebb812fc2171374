-- This quarter's spend, shared out to the deals of now and those of the road ahead: each line falls
-- in equal parts on marketing's touches of its campaign in its month; where the campaign made none,
-- on those of its channel; and where that made none either, on nobody.
with spend as (
    select * from {{ ref('fct_spend') }}
    where amount_reporting is not null
),

quarters as (
    select * from {{ ref('int_road_quarter') }}
    where quarter_ahead = 0
),

work as (
    select * from {{ ref('int_road_work') }}
    where team = 'marketing'
),

spent as (
    select
        cast(date_trunc('month', spend.day) as date) as month,
        spend.channel,
        spend.campaign_id,
        cast(sum(spend.amount_reporting) as double) as amount
    from spend
    inner join quarters
        on
            spend.day >= quarters.starts_on
            and spend.day <= quarters.today
    group by cast(date_trunc('month', spend.day) as date), spend.channel, spend.campaign_id
),

by_campaign as (
    select
        month,
        campaign_id,
        segment,
        is_on_open_deal,
        sum(touches) as touches
    from work
    where campaign_id is not null
    group by month, campaign_id, segment, is_on_open_deal
),

campaigns as (
    select
        month,
        campaign_id,
        sum(touches) as touches
    from by_campaign
    group by month, campaign_id
),

by_channel as (
    select
        month,
        {{ word('channel') }} as channel_word,
        segment,
        is_on_open_deal,
        sum(touches) as touches
    from work
    where channel is not null
    group by month, {{ word('channel') }}, segment, is_on_open_deal
),

channels as (
    select
        month,
        channel_word,
        sum(touches) as touches
    from by_channel
    group by month, channel_word
),

ways as (
    select
        spent.month,
        spent.campaign_id,
        {{ word('spent.channel') }} as channel_word,
        spent.amount,
        campaigns.touches as campaign_touches,
        channels.touches as channel_touches
    from spent
    left join campaigns
        on spent.month = campaigns.month and spent.campaign_id = campaigns.campaign_id
    left join channels
        on
            spent.month = channels.month
            and {{ word('spent.channel') }} = channels.channel_word
),

shared as (
    select
        by_campaign.segment,
        by_campaign.is_on_open_deal,
        ways.amount * by_campaign.touches / ways.campaign_touches as amount
    from ways
    inner join by_campaign
        on ways.month = by_campaign.month and ways.campaign_id = by_campaign.campaign_id
    union all
    select
        by_channel.segment,
        by_channel.is_on_open_deal,
        ways.amount * by_channel.touches / ways.channel_touches as amount
    from ways
    inner join by_channel
        on ways.month = by_channel.month and ways.channel_word = by_channel.channel_word
    where ways.campaign_touches is null
    union all
    select
        cast(null as string) as segment,
        cast(null as boolean) as is_on_open_deal,
        amount
    from ways
    where campaign_touches is null and channel_touches is null
)

select
    segment,
    is_on_open_deal,
    sum(amount) as amount
from shared
group by segment, is_on_open_deal
