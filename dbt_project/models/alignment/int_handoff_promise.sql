-- Whether sales kept its promise for each handoff, as far as that can be told by as_of.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

clocks as (
    select * from {{ ref('int_handoff_clock') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close and team = 'sales' and direction = 'out'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

with_next as (
    select
        handoffs.handoff_id,
        handoffs.journey_id,
        handoffs.handed_at,
        lead(handoffs.handed_at) over (
            partition by handoffs.journey_id order by handoffs.handoff_seq asc nulls last
        ) as next_at,
        handoffs.two_way_at,
        handoffs.decided_at,
        handoffs.decision,
        handoffs.reason,
        clocks.attempt_after_hours,
        clocks.seen_for_hours,
        clocks.answer_within_hours,
        clocks.attempts_by
    from handoffs
    inner join clocks on handoffs.handoff_id = clocks.handoff_id
),

attempts as (
    select
        with_next.handoff_id,
        count(*) as attempts
    from with_next
    inner join touches
        on
            with_next.journey_id = touches.journey_id
            and with_next.handed_at <= touches.occurred_at
            and with_next.attempts_by >= touches.occurred_at
            and (with_next.next_at is null or with_next.next_at > touches.occurred_at)
    group by with_next.handoff_id
),

told as (
    select
        with_next.handoff_id,
        with_next.decision,
        with_next.attempt_after_hours is null as is_unanswered,
        coalesce(attempts.attempts, 0) as attempts_in_time,
        coalesce(
            with_next.attempt_after_hours <= with_next.answer_within_hours, 1 = 0
        ) as is_answered_in_time,
        coalesce(with_next.seen_for_hours > with_next.answer_within_hours, 1 = 0)
            as is_answer_due,
        coalesce(clock.as_of > with_next.attempts_by, 1 = 0) as is_window_over,
        coalesce(attempts.attempts, 0) >= settings.attempts_at_least
        or coalesce(with_next.two_way_at <= with_next.attempts_by, 1 = 0)
        or coalesce(
            with_next.decision = 'rejected'
            and with_next.reason is not null
            and with_next.decided_at <= with_next.attempts_by,
            1 = 0
        ) as is_followed_up
    from with_next
    cross join settings
    cross join clock
    left join attempts on with_next.handoff_id = attempts.handoff_id
)

select
    handoff_id,
    cast(attempts_in_time as bigint) as attempts_in_time,
    is_answered_in_time,
    is_followed_up,
    is_answer_due and is_window_over as is_over,
    is_answered_in_time and is_followed_up as is_kept,
    is_unanswered and is_answer_due and decision = 'pending' as is_overdue
from told
