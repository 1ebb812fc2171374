with events as (
    select * from {{ ref('int_journey_event') }}
),

stage_times as (
    select * from {{ ref('int_stage_time') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

users as (
    select * from {{ ref('input_users') }}
),

-- The stage before is the last one entered, whatever exits lie between.
moves as (
    select
        event_id,
        journey_id,
        place,
        event,
        stage,
        stage_order,
        occurred_at,
        case when event in ('stage_entered', 'reopened') then stage_order end as state
    from events
    where counts
),

with_neighbours as (
    select
        event_id,
        event,
        stage_order,
        occurred_at,
        row_number() over (partition by journey_id, stage order by place asc nulls last)
            as entry_seq,
        lead(occurred_at) over (partition by journey_id order by place asc nulls last) as next_at,
        {{ carried('state', 1000, 'journey_id') }} as order_before
    from moves
),

told as (
    select
        events.event_id,
        events.journey_id,
        events.event,
        events.stage,
        events.occurred_at,
        case when with_neighbours.next_at >= events.occurred_at then with_neighbours.next_at end
            as exited_at,
        with_neighbours.entry_seq,
        coalesce(with_neighbours.stage_order < with_neighbours.order_before, 1 = 0)
            as is_regression,
        case
            when with_neighbours.stage_order - with_neighbours.order_before > 1
                then with_neighbours.stage_order - with_neighbours.order_before - 1
            else 0
        end as n_skipped,
        coalesce(users.team, stages.owner) as team,
        events.evidence,
        events.counts,
        events.is_of_deal,
        events.reason,
        events.source,
        events.source_record_id
    from events
    inner join stages on events.stage = stages.stage
    left join with_neighbours on events.event_id = with_neighbours.event_id
    left join users
        on
            events.changed_by_key = users.user_key
            and (users.valid_from is null or events.occurred_at >= users.valid_from)
            and (users.valid_to is null or events.occurred_at < users.valid_to)
),

final as (
    select
        event_id,
        journey_id,
        event,
        stage,
        occurred_at,
        exited_at,
        entry_seq,
        is_regression,
        n_skipped,
        team,
        evidence,
        counts,
        is_of_deal,
        reason,
        source,
        source_record_id
    from told
    union all
    select
        {{ key(["'inferred'", 'stage_times.journey_id', 'stage_times.stage']) }} as event_id,
        stage_times.journey_id,
        'stage_entered' as event,
        stage_times.stage,
        stage_times.reached_at as occurred_at,
        cast(null as timestamp) as exited_at,
        cast(null as bigint) as entry_seq,
        1 = 0 as is_regression,
        0 as n_skipped,
        stages.owner as team,
        'inferred' as evidence,
        1 = 0 as counts,
        1 = 0 as is_of_deal,
        cast(null as string) as reason,
        cast(null as string) as source,
        cast(null as string) as source_record_id
    from stage_times
    inner join stages on stage_times.stage = stages.stage
    where not stage_times.is_observed
)

select
    event_id,
    journey_id,
    event,
    stage,
    occurred_at,
    exited_at,
    cast(entry_seq as bigint) as entry_seq,
    is_regression,
    cast(n_skipped as bigint) as n_skipped,
    team,
    evidence,
    counts,
    is_of_deal,
    reason,
    source,
    source_record_id
from final
