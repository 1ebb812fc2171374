-- How many journeys that have not been in a stage yet come to it, or to another state, on each day.
with visits as (
    select * from {{ ref('int_stage_visit') }}
    where standing = 'at_risk'
),

moves as (
    select * from {{ ref('int_stage_move') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit and stage <> 'won'
),

-- Where the business calendar does not reach back so far there is no horizon, and nothing to tell.
horizons as (
    select * from {{ ref('int_cycle_horizon') }}
    where horizon_days is not null
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

first_visits as (
    select
        journey_id,
        unit,
        state,
        min(entry_day) as day
    from visits
    group by journey_id, unit, state
),

-- A stage that is left on the day on which it is entered has been come to all the same.
stays as (
    select
        moves.unit,
        case when levels.by_segment then moves.segment else 'all' end as segment,
        stages.stage,
        moves.state,
        case when moves.exit_day >= first_visits.day then stages.stage else moves.to_state end
            as to_state,
        moves.entry_day,
        case
            when moves.exit_day >= first_visits.day then first_visits.day
            else moves.exit_day
        end as exit_day
    from moves
    cross join stages
    cross join levels
    left join first_visits
        on
            moves.journey_id = first_visits.journey_id
            and moves.unit = first_visits.unit
            and stages.stage = first_visits.state
    where
        (first_visits.day is null or moves.entry_day < first_visits.day)
        and (not levels.by_segment or moves.has_segments)
),

{{ transition_counts('stays', ['unit', 'segment', 'stage']) }}

select
    transitions.unit,
    transitions.segment,
    transitions.stage,
    transitions.state,
    transitions.day,
    transitions.at_risk,
    transitions.to_state,
    transitions.n,
    horizons.horizon_days
from transitions
inner join horizons on transitions.unit = horizons.unit
