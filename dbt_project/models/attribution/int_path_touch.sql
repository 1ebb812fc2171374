-- The touches of each path that came to its conversion, in their order.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

touches as (
    select * from {{ ref('int_touch_before_end') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

windows as (
    select
        conversions.conversion_id,
        {{ days_earlier('conversions.converted_at', 'settings.attribution_window_days') }}
            as opens_at
    from conversions
    cross join settings
),

eligible as (
    select
        windows.conversion_id,
        touches.touch_id,
        touches.occurred_at,
        touches.channel,
        touches.campaign_id,
        touches.content
    from windows
    inner join touches
        on windows.conversion_id = touches.path_id and windows.opens_at <= touches.occurred_at
)

select
    conversion_id,
    touch_id,
    occurred_at,
    channel,
    campaign_id,
    content,
    cast(
        row_number() over (
            partition by conversion_id order by occurred_at asc nulls last, touch_id asc nulls last
        ) as bigint
    ) as place,
    cast(count(*) over (partition by conversion_id) as bigint) as touches
from eligible
