-- How many stays in each state lead to each other after so many days, and of how many.
with visits as (
    select * from {{ ref('int_stage_visit') }}
    where standing = 'at_risk'
),

-- Where the business calendar does not reach back so far there is no horizon, and nothing to tell.
horizons as (
    select * from {{ ref('int_cycle_horizon') }}
    where horizon_days is not null
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

-- A stay that is seen from its first day on is at risk of ending on that day.
lasting as (
    select
        unit,
        segment,
        state,
        next_state as to_state,
        case when seen_day > entry_day then seen_day - entry_day else -1 end as entry_day,
        exit_day - entry_day as exit_day
    from visits
    union all
    select
        unit,
        segment,
        'start' as state,
        state as to_state,
        -1 as entry_day,
        0 as exit_day
    from visits
    where is_first and seen_day = 0
),

stays as (
    select
        lasting.unit,
        case when levels.by_segment then lasting.segment else 'all' end as segment,
        lasting.state,
        lasting.to_state,
        lasting.entry_day,
        lasting.exit_day
    from lasting
    cross join levels
    cross join settings
    where
        lasting.exit_day > lasting.entry_day
        and (not levels.by_segment or settings.segment_by is not null)
),

{{ transition_counts('stays', ['unit', 'segment']) }}

select
    transitions.unit,
    transitions.segment,
    transitions.state,
    cast(transitions.day as integer) as day,
    transitions.at_risk,
    transitions.to_state,
    transitions.n,
    horizons.horizon_days
from transitions
inner join horizons on transitions.unit = horizons.unit
