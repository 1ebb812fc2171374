with touches as (
    select * from {{ ref('input_touches') }}
),

spend as (
    select * from {{ ref('input_spend') }}
),

campaigns as (
    select * from {{ ref('input_campaigns') }}
),

agreed as (
    select * from {{ source('agreement', 'direct_channels') }}
),

channels as (
    select channel from touches
    union
    select channel from spend
    union
    select channel from campaigns
),

direct_channels as (
    select lower(channel) as channel
    from agreed
    group by lower(channel)
)

select
    channels.channel,
    direct_channels.channel is not null as is_direct
from channels
left join direct_channels on lower(channels.channel) = direct_channels.channel
where channels.channel is not null
