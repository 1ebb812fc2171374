with touches as (
    select * from {{ ref('input_touches') }}
),

spend as (
    select * from {{ ref('input_spend') }}
),

campaigns as (
    select * from {{ ref('input_campaigns') }}
),

channels as (
    select channel from touches
    union
    select channel from spend
    union
    select channel from campaigns
)

select
    channel,
    lower(channel) = 'direct' as is_direct
from channels
where channel is not null
