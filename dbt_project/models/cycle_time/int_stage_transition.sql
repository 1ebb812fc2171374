-- How many journeys go from each state to each other on each day since the start, of how many.
with moves as (
    select * from {{ ref('int_stage_move') }}
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

stays as (
    select
        moves.unit,
        case when levels.by_segment then moves.segment else 'all' end as segment,
        moves.state,
        moves.to_state,
        moves.entry_day,
        moves.exit_day
    from moves
    cross join levels
    where not levels.by_segment or moves.has_segments
),

{{ transition_counts('stays', ['unit', 'segment']) }}

select
    transitions.unit,
    transitions.segment,
    transitions.state,
    transitions.day,
    transitions.at_risk,
    transitions.to_state,
    transitions.n,
    horizons.horizon_days
from transitions
inner join horizons on transitions.unit = horizons.unit
