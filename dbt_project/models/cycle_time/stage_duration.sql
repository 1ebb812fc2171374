-- One row for each stage and slice: how long an entry stays there.
with curves as (
    select * from {{ ref('stage_duration_curve') }}
),

counts as (
    select
        *,
        standing = 'at_risk' and left_as <> 'open' as is_over
    from {{ ref('int_stage_count') }}
),

returns as (
    select * from {{ ref('int_stage_return') }}
),

horizons as (
    select * from {{ ref('int_cycle_horizon') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

populations as (
    select
        curve_id,
        stage,
        unit,
        segment,
        slice_kind,
        slice,
        sum(case when is_only then spells else 0 end) as journeys_there_once,
        sum(case when standing = 'at_risk' then spells else 0 end) as n_at_risk,
        sum(case when standing = 'unseen' then spells else 0 end) as n_unseen,
        sum(case when standing = 'excluded' then spells else 0 end) as n_excluded,
        sum(case when is_over then cast(exit_day as double) * spells end)
        / sum(case when is_over then spells end) as naive_mean
    from counts
    group by curve_id, stage, unit, segment, slice_kind, slice
),

came_again as (
    select
        curve_id,
        count(distinct journey_id) as journeys
    from returns
    group by curve_id
),

identified as (
    select
        {{ key(['stage', 'unit', 'segment', 'slice_kind', 'slice']) }} as curve_id,
        unit,
        starts_at_day,
        day,
        exited,
        censored,
        survival,
        survival_low,
        survival_high
    from curves
),

steps as (
    select
        identified.curve_id,
        identified.starts_at_day,
        identified.day,
        identified.exited,
        identified.censored,
        identified.survival,
        identified.survival_low,
        identified.survival_high,
        horizons.horizon_days
    from identified
    inner join horizons on identified.unit = horizons.unit
),

spans as (
    select
        curve_id,
        starts_at_day,
        day,
        exited,
        censored,
        survival,
        survival_low,
        survival_high,
        horizon_days,
        lag(day) over (partition by curve_id order by day asc nulls last) as day_before,
        lead(day) over (partition by curve_id order by day asc nulls last) as next_day
    from steps
),

-- A product of fractions may miss a bound by a rounding; nothing real lies as near to it.
totals as (
    select
        curve_id,
        min(starts_at_day) as starts_at_day,
        max(day) as followed_until_day,
        sum(exited + censored) as n,
        sum(exited) as events,
        coalesce(max(day) >= min(horizon_days) or min(survival) = 0, 1 = 0) as reaches_horizon,
        {%- for percent in [25, 50, 75, 90] %}
            min(case when survival <= 1.0e0 - 0.{{ percent }}e0 + 1.0e-9 then day end)
                as p{{ percent }},
        {%- endfor %}
        min(case when survival_low <= 0.5e0 or survival = 0 then day end) as p50_low,
        min(case when survival_high <= 0.5e0 then day end) as p50_high,
        -- Until its first step a curve stands at 1.
        sum(case when day_before is null then least(day, horizon_days) else 0 end)
        + sum(
            case
                when day < horizon_days
                    then survival * (least(coalesce(next_day, horizon_days), horizon_days) - day)
                else 0.0e0
            end
        ) as restricted_mean
    from spans
    group by curve_id
)

select
    populations.stage,
    populations.unit,
    populations.segment,
    populations.slice_kind,
    populations.slice,
    case
        when totals.curve_id is null then 'too few'
        when not totals.reaches_horizon then 'follow-up too short'
        else 'ok'
    end as status,
    totals.p25,
    totals.p50,
    totals.p50_low,
    totals.p50_high,
    totals.p75,
    totals.p90,
    case when totals.reaches_horizon then totals.restricted_mean end as restricted_mean,
    horizons.horizon_days,
    populations.naive_mean,
    cast(coalesce(totals.n, 0) as bigint) as n,
    cast(coalesce(totals.events, 0) as bigint) as events,
    cast(populations.journeys_there_once + coalesce(came_again.journeys, 0) as bigint) as journeys,
    totals.starts_at_day,
    totals.followed_until_day,
    cast(populations.n_at_risk - coalesce(totals.n, 0) as bigint) as n_off_curve,
    cast(populations.n_unseen as bigint) as n_unseen,
    cast(populations.n_excluded as bigint) as n_excluded,
    clock.as_of,
    clock.known_at
from populations
inner join horizons on populations.unit = horizons.unit
left join totals on populations.curve_id = totals.curve_id
left join came_again on populations.curve_id = came_again.curve_id
cross join clock
