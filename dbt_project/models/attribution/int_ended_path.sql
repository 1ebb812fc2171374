-- The paths that are over, since when their touches stand on them, and what they led to.
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
        paths.journey_id,
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
)

select
    ended.path_id,
    ended.conversion,
    ended.journey_id,
    ended.end_state,
    ended.ended_at,
    {{ days_earlier('ended.ended_at', 'settings.attribution_window_days') }} as opens_at
from ended
cross join settings
