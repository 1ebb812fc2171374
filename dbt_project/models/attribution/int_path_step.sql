-- Each path that is over, step by step: from the start over the channels of its touches to its end.
with ended as (
    select * from {{ ref('int_ended_path') }}
),

touches as (
    select * from {{ ref('int_touch_before_end') }}
),

-- A path without a touch has one row, without a channel.
in_order as (
    select
        ended.path_id,
        ended.conversion,
        ended.end_state,
        touches.channel,
        lag(touches.channel) over (
            partition by ended.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as channel_before,
        lead(touches.channel) over (
            partition by ended.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as channel_after,
        row_number() over (
            partition by ended.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as place
    from ended
    left join touches
        on ended.path_id = touches.path_id and ended.opens_at <= touches.occurred_at
),

steps as (
    select
        path_id,
        conversion,
        place as step,
        coalesce(channel_before, '(start)') as from_state,
        channel as to_state
    from in_order
    where channel is not null
    union all
    select
        path_id,
        conversion,
        case when channel is null then 1 else place + 1 end as step,
        coalesce(channel, '(start)') as from_state,
        end_state as to_state
    from in_order
    where channel_after is null
)

select
    path_id,
    conversion,
    cast(step as bigint) as step,
    from_state,
    to_state
from steps
