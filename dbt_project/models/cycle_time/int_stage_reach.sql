-- How likely a journey comes to each stage by the horizon, where it may be over before it does.
with visits as (
    select * from {{ ref('int_stage_visit') }}
    where standing = 'at_risk'
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit and stage <> 'won'
),

horizons as (
    select * from {{ ref('int_cycle_horizon') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

journeys as (
    select
        journey_id,
        unit,
        segment,
        seen_day,
        over_day,
        max(case when {{ closes('state') }} and next_state is null then 1 else 0 end) as is_over
    from visits
    group by journey_id, unit, segment, seen_day, over_day
),

first_visits as (
    select
        journey_id,
        unit,
        state,
        min(entry_day) as entry_day
    from visits
    group by journey_id, unit, state
),

ways as (
    select
        journeys.unit,
        journeys.segment,
        stages.stage,
        journeys.seen_day as entry_day,
        coalesce(first_visits.entry_day, journeys.over_day) as exit_day,
        case
            when first_visits.entry_day is not null then 'reached'
            when journeys.is_over = 1 then 'over'
            else 'open'
        end as ended_as
    from journeys
    cross join stages
    left join first_visits
        on
            journeys.journey_id = first_visits.journey_id
            and journeys.unit = first_visits.unit
            and stages.stage = first_visits.state
),

spells as (
    select
        ways.unit,
        case when levels.by_segment then ways.segment else 'all' end as segment,
        ways.stage,
        ways.entry_day,
        ways.exit_day,
        ways.ended_as,
        count(*) as journeys
    from ways
    cross join levels
    cross join settings
    where
        (ways.entry_day = 0 or ways.exit_day > ways.entry_day)
        and (not levels.by_segment or settings.segment_by is not null)
    group by
        ways.unit, case when levels.by_segment then ways.segment else 'all' end, ways.stage,
        ways.entry_day, ways.exit_day, ways.ended_as
),

{{ risk_sets(
    'spells',
    ['unit', 'segment', 'stage'],
    {
        'reached': "ended_as = 'reached'",
        'over': "ended_as = 'over'",
        'censored': "ended_as = 'open'",
    },
    times='journeys'
) }},

{{ survival_estimates('risk_sets', ['unit', 'segment', 'stage'], ['reached', 'over']) }},

followed as (
    select
        estimates.unit,
        estimates.segment,
        estimates.stage,
        horizons.horizon_days,
        estimates.day,
        estimates.exited + risk_sets.censored as n,
        risk_sets.starts_at_day,
        estimates.survival,
        estimates.cif_reached,
        estimates.cif_reached_se
    from estimates
    inner join risk_sets
        on
            estimates.unit = risk_sets.unit
            and estimates.segment = risk_sets.segment
            and estimates.stage = risk_sets.stage
            and estimates.day = risk_sets.day
    inner join horizons on estimates.unit = horizons.unit
)

select
    unit,
    segment,
    stage,
    horizon_days,
    cast(sum(n) as bigint) as n,
    min(starts_at_day) as starts_at_day,
    max(day) >= horizon_days or min(survival) = 0 as reaches_horizon,
    coalesce(max(case when day <= horizon_days then cif_reached end), 0.0e0) as p_visit
from followed
group by unit, segment, stage, horizon_days
