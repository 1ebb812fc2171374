-- The ways that paths take from channel to channel, to a conversion or to nothing; no model in it.
with ended as (
    select * from {{ ref('int_ended_path') }}
),

steps as (
    select * from {{ ref('int_path_step') }}
),

conversions as (
    select * from {{ ref('int_conversion') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- Touches of one channel that follow each other are one step.
moves as (
    select
        path_id,
        from_state,
        to_state,
        row_number() over (partition by path_id order by step asc nulls last) as step
    from steps
    where from_state <> to_state
),

names as (
    select
        path_id,
        {{ in_order('to_state', 'step', "' > '") }} as path
    from moves
    where to_state not in ('(conversion)', '(nothing)')
    group by path_id
),

paths as (
    select
        ended.path_id,
        ended.conversion,
        {{ local_month('ended.ended_at', 'settings.time_zone') }} as month,
        journeys.segment,
        coalesce(names.path, 'unattributed') as path,
        case when ended.end_state = '(conversion)' then 1 else 0 end as converted,
        conversions.amount
    from ended
    cross join settings
    inner join journeys on ended.journey_id = journeys.journey_id
    left join names on ended.path_id = names.path_id
    left join conversions on ended.path_id = conversions.conversion_id
)

select
    paths.conversion,
    paths.month,
    paths.segment,
    paths.path,
    cast(moves.step as bigint) as step,
    moves.from_state as from_channel,
    moves.to_state as to_channel,
    cast(count(*) as bigint) as paths,
    cast(sum(paths.converted) as bigint) as conversions,
    cast(sum(paths.amount) as decimal(18, 2)) as amount
from paths
inner join moves on paths.path_id = moves.path_id
group by
    paths.conversion, paths.month, paths.segment, paths.path, moves.step, moves.from_state,
    moves.to_state
