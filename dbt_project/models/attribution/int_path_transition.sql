-- How often paths step from one channel to the next, to a conversion or to nothing.
with paths as (
    select * from {{ ref('int_path_end') }}
),

touches as (
    select * from {{ ref('int_touch_before_end') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

latest as (
    select
        path_id,
        max(occurred_at) as latest_at
    from touches
    group by path_id
),

-- An open path is given up when none of its touches can earn any more, and reaches to the last one.
ended as (
    select
        paths.path_id,
        paths.conversion,
        case when paths.ending = 'conversion' then '(conversion)' else '(nothing)' end as end_state,
        case when paths.ending = 'open' then latest.latest_at else paths.ended_at end as ended_at
    from paths
    cross join settings
    left join latest on paths.path_id = latest.path_id
    where
        paths.ending <> 'open'
        or (
            coalesce(latest.latest_at, paths.opened_at)
            < {{ days_earlier('paths.ended_at', 'settings.attribution_window_days') }}
            and coalesce(paths.opened_at, latest.latest_at)
            < {{ days_earlier('paths.ended_at', 'settings.attribution_window_days') }}
        )
),

windows as (
    select
        ended.path_id,
        {{ days_earlier('ended.ended_at', 'settings.attribution_window_days') }} as opens_at
    from ended
    cross join settings
),

in_order as (
    select
        windows.path_id,
        touches.channel,
        lag(touches.channel) over (
            partition by windows.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as channel_before,
        row_number() over (
            partition by windows.path_id
            order by touches.occurred_at desc nulls last, touches.touch_id desc nulls last
        ) as place_from_end
    from windows
    inner join touches
        on windows.path_id = touches.path_id and windows.opens_at <= touches.occurred_at
),

steps as (
    select
        ended.conversion,
        coalesce(in_order.channel_before, '(start)') as from_state,
        in_order.channel as to_state
    from in_order
    inner join ended on in_order.path_id = ended.path_id
    union all
    -- A path without a touch steps from the start to its end.
    select
        ended.conversion,
        coalesce(in_order.channel, '(start)') as from_state,
        ended.end_state as to_state
    from ended
    left join in_order on ended.path_id = in_order.path_id and in_order.place_from_end = 1
)

select
    conversion,
    from_state,
    to_state,
    cast(count(*) as bigint) as transitions
from steps
group by conversion, from_state, to_state
