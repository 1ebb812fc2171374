-- Each path that is over, step by step: from the start over the channels of its touches to its end.
with ended as (
    select * from {{ ref('int_ended_path') }}
),

touches as (
    select * from {{ ref('int_touch_before_end') }}
),

in_order as (
    select
        ended.path_id,
        ended.conversion,
        touches.channel,
        lag(touches.channel) over (
            partition by ended.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as channel_before,
        row_number() over (
            partition by ended.path_id
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as place,
        count(*) over (partition by ended.path_id) as touches
    from ended
    inner join touches
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
    union all
    -- A path without a touch steps from the start to its end.
    select
        ended.path_id,
        ended.conversion,
        coalesce(in_order.place, 0) + 1 as step,
        coalesce(in_order.channel, '(start)') as from_state,
        ended.end_state as to_state
    from ended
    left join in_order
        on ended.path_id = in_order.path_id and in_order.place = in_order.touches
)

select
    path_id,
    conversion,
    cast(step as bigint) as step,
    from_state,
    to_state
from steps
