-- The variance of ln(survival) in a stage, with the spells of one journey taken as a whole.
--
-- A journey moves ln S(t) by U, the sum over its spells of
--   G(min(t, exit)) - G(entry) - [left by t] / (n - d),
-- with G the running sum of d / (n (n - d)): the infinitesimal jackknife. Between its own turns a
-- journey's U is level + slope G(t), so that nobody is looked at on the days between.
with spells as (
    select * from {{ ref('int_stage_slice') }}
    where standing = 'at_risk'
),

risk_sets as (
    select * from {{ ref('int_stage_risk_set') }}
),

counted as (
    select
        curve_id,
        day,
        starts_at_day,
        cast(at_risk as double) as n,
        cast(advanced + returned + closed as double) as d
    from risk_sets
),

steps as (
    select
        curve_id,
        day,
        starts_at_day,
        case when n > d then 1.0e0 / (n - d) else 0.0e0 end as leap,
        case when n > d then d / (n * (n - d)) else 0.0e0 end as greenwood
    from counted
),

hazards as (
    select
        curve_id,
        day,
        starts_at_day,
        leap,
        {{ running('sum', 'greenwood', 'curve_id') }} as hazard
    from steps
),

starts as (
    select
        curve_id,
        starts_at_day,
        min(day) as first_day
    from hazards
    group by curve_id, starts_at_day
),

-- Who entered on day 0, or before the curve starts, is at risk from its first day on.
turns as (
    select
        spells.curve_id,
        spells.journey_id,
        greatest(spells.entry_day, starts.first_day) as day,
        case
            when spells.entry_day = 0 or spells.entry_day < starts.starts_at_day then 0.0e0
            else -hazards.hazard
        end as level,
        1 as slope
    from spells
    inner join starts on spells.curve_id = starts.curve_id
    left join hazards
        on spells.curve_id = hazards.curve_id and spells.entry_day = hazards.day
    where spells.exit_day >= starts.starts_at_day
    union all
    select
        spells.curve_id,
        spells.journey_id,
        spells.exit_day as day,
        hazards.hazard - case when spells.left_as = 'open' then 0.0e0 else hazards.leap end
            as level,
        -1 as slope
    from spells
    inner join hazards
        on spells.curve_id = hazards.curve_id and spells.exit_day = hazards.day
),

turned as (
    select
        curve_id,
        journey_id,
        day,
        sum(level) as level,
        sum(slope) as slope
    from turns
    group by curve_id, journey_id, day
),

lines as (
    select
        curve_id,
        journey_id,
        day,
        {{ running('sum', 'level', 'curve_id, journey_id') }} as level,
        {{ running('sum', 'slope', 'curve_id, journey_id') }} as slope
    from turned
),

with_before as (
    select
        curve_id,
        day,
        level,
        slope,
        coalesce(
            lag(level) over (partition by curve_id, journey_id order by day asc nulls last), 0.0e0
        ) as level_before,
        coalesce(
            lag(slope) over (partition by curve_id, journey_id order by day asc nulls last), 0
        ) as slope_before
    from lines
),

squares as (
    select
        curve_id,
        day,
        sum(level * level - level_before * level_before) as levels,
        sum(level * slope - level_before * slope_before) as products,
        sum(slope * slope - slope_before * slope_before) as slopes
    from with_before
    group by curve_id, day
),

summed as (
    select
        hazards.curve_id,
        hazards.day,
        hazards.hazard,
        sum(coalesce(squares.levels, 0.0e0)) over (
            partition by hazards.curve_id order by hazards.day asc nulls last
            rows between unbounded preceding and current row
        ) as levels,
        sum(coalesce(squares.products, 0.0e0)) over (
            partition by hazards.curve_id order by hazards.day asc nulls last
            rows between unbounded preceding and current row
        ) as products,
        sum(coalesce(squares.slopes, 0)) over (
            partition by hazards.curve_id order by hazards.day asc nulls last
            rows between unbounded preceding and current row
        ) as slopes
    from hazards
    left join squares on hazards.curve_id = squares.curve_id and hazards.day = squares.day
)

select
    curve_id,
    day,
    -- A variance that is zero may come out a rounding below it.
    greatest(levels + 2 * hazard * products + hazard * hazard * slopes, 0.0e0) as log_variance
from summed
