-- The variance of ln(survival) in a stage, with the spells of one journey taken as a whole.
--
-- A journey moves ln S(t) by U, the sum over its spells of
--   G(min(t, exit)) - G(entry) - [left by t] / (n - d),
-- with G the running sum of d / (n (n - d)): the infinitesimal jackknife. Between its own turns a
-- journey's U is level + slope G(t), so that nobody is looked at on the days between. Journeys that
-- came to the stage once and stayed alike move alike, and are counted.
with counts as (
    select * from {{ ref('int_stage_count') }}
    where standing = 'at_risk' and is_only
),

returns as (
    select * from {{ ref('int_stage_return') }}
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
single as (
    select
        counts.curve_id,
        counts.spells,
        greatest(counts.entry_day, starts.first_day) as first_day,
        counts.exit_day as last_day,
        case
            when counts.entry_day = 0 or counts.entry_day < starts.starts_at_day then 0.0e0
            else -entries.hazard
        end as level_first,
        exits.hazard - case when counts.left_as = 'open' then 0.0e0 else exits.leap end
            as level_last
    from counts
    inner join starts on counts.curve_id = starts.curve_id
    left join hazards as entries
        on counts.curve_id = entries.curve_id and counts.entry_day = entries.day
    inner join hazards as exits
        on counts.curve_id = exits.curve_id and counts.exit_day = exits.day
    where counts.exit_day >= starts.starts_at_day
),

turns as (
    select
        returns.curve_id,
        returns.journey_id,
        greatest(returns.entry_day, starts.first_day) as day,
        case
            when returns.entry_day = 0 or returns.entry_day < starts.starts_at_day then 0.0e0
            else -hazards.hazard
        end as level,
        1 as slope
    from returns
    inner join starts on returns.curve_id = starts.curve_id
    left join hazards
        on returns.curve_id = hazards.curve_id and returns.entry_day = hazards.day
    where returns.exit_day >= starts.starts_at_day
    union all
    select
        returns.curve_id,
        returns.journey_id,
        returns.exit_day as day,
        hazards.hazard - case when returns.left_as = 'open' then 0.0e0 else hazards.leap end
            as level,
        -1 as slope
    from returns
    inner join hazards
        on returns.curve_id = hazards.curve_id and returns.exit_day = hazards.day
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

changes as (
    select
        curve_id,
        first_day as day,
        spells * level_first * level_first as levels,
        spells * level_first as products,
        spells as slopes
    from single
    union all
    select
        curve_id,
        last_day as day,
        spells * (level_last * level_last + 2 * level_first * level_last) as levels,
        -spells * level_first as products,
        -spells as slopes
    from single
    union all
    select
        curve_id,
        day,
        level * level - level_before * level_before as levels,
        level * slope - level_before * slope_before as products,
        slope * slope - slope_before * slope_before as slopes
    from with_before
),

squares as (
    select
        curve_id,
        day,
        sum(levels) as levels,
        sum(products) as products,
        sum(slopes) as slopes
    from changes
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
