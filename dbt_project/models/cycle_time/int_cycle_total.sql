-- One row for each curve in every slice: how long it takes, how many get there, who is left out.
with curves as (
    select * from {{ ref('int_cycle_curve') }}
),

counts as (
    select * from {{ ref('int_cycle_count') }}
),

horizons as (
    select * from {{ ref('int_cycle_horizon') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

populations as (
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        slice_kind,
        slice,
        sum(case when standing = 'at_risk' then spells else 0 end) as n_at_risk,
        sum(case when standing = 'unseen' then spells else 0 end) as n_unseen,
        sum(case when standing = 'unknown_start' then spells else 0 end) as n_unknown_start,
        sum(case when standing = 'excluded' then spells else 0 end) as n_excluded,
        cast(
            sum(case when standing = 'at_risk' and outcome <> 'open' then exit_day * spells end)
            as double
        )
        / sum(case when standing = 'at_risk' and outcome <> 'open' then spells end)
            as naive_mean_closed
    from counts
    group by curve, from_stage, unit, segment, cohort, slice_kind, slice
),

-- Up to where each step of a curve reaches; the last one is followed no further.
steps as (
    select
        curves.curve,
        curves.unit,
        curves.segment,
        curves.cohort,
        curves.slice_kind,
        curves.slice,
        curves.starts_at_day,
        curves.day,
        curves.won,
        curves.lost,
        curves.disqualified,
        curves.exited,
        curves.censored,
        curves.survival,
        curves.cif_won,
        curves.cif_won_low,
        curves.cif_won_high,
        curves.cif_lost,
        curves.cif_disqualified,
        horizons.horizon_days,
        lag(curves.day) over (
            partition by
                curves.curve, curves.unit, curves.segment, curves.cohort, curves.slice_kind,
                curves.slice
            order by curves.day asc nulls last
        ) as day_before,
        lead(curves.day) over (
            partition by
                curves.curve, curves.unit, curves.segment, curves.cohort, curves.slice_kind,
                curves.slice
            order by curves.day asc nulls last
        ) as next_day
    from curves
    inner join horizons on curves.unit = horizons.unit
),

totals as (
    select
        curve,
        unit,
        segment,
        cohort,
        slice_kind,
        slice,
        horizon_days,
        min(starts_at_day) as starts_at_day,
        max(day) as followed_until_day,
        sum(exited + censored) as n,
        sum(exited) as events,
        sum(won) as won,
        sum(lost) as lost,
        sum(disqualified) as disqualified,
        sum(censored) as censored,
        coalesce(max(day) >= horizon_days or min(survival) = 0, false) as reaches_horizon,
        coalesce(min(case when day <= horizon_days then survival end), 1.0e0) as share_open,
        coalesce(max(case when day <= horizon_days then cif_won end), 0.0e0) as share_won,
        coalesce(max(case when day <= horizon_days then cif_lost end), 0.0e0) as share_lost,
        coalesce(max(case when day <= horizon_days then cif_disqualified end), 0.0e0)
            as share_disqualified,
        -- Until its first step a curve stands at 1.
        sum(case when day_before is null then least(day, horizon_days) else 0 end)
        + sum(
            case
                when day < horizon_days
                    then survival * (least(coalesce(next_day, horizon_days), horizon_days) - day)
                else 0.0e0
            end
        ) as restricted_mean
    from steps
    group by curve, unit, segment, cohort, slice_kind, slice, horizon_days
),

-- Quantiles of the wins are those of the journeys won by the horizon; of closes, of all journeys.
-- A sum of fractions may miss a bound by a rounding; nothing real lies as near to it.
targets as (
    select
        curve,
        unit,
        segment,
        cohort,
        slice_kind,
        slice,
        share_won - 1.0e-9 as all_won,
        {%- for percent in [25, 50, 75, 90] %}
            0.{{ percent }}e0 * share_won - 1.0e-9 as won_{{ percent }},
            1.0e0 - 0.{{ percent }}e0 + 1.0e-9 as open_{{ percent }},
        {%- endfor %}
        horizon_days
    from totals
),

quantiles as (
    select
        steps.curve,
        steps.unit,
        steps.segment,
        steps.cohort,
        steps.slice_kind,
        steps.slice,
        {%- for percent in [25, 50, 75, 90] %}
            min(
                case
                    when
                        steps.cif_won > 0
                        and steps.cif_won >= targets.won_{{ percent }}
                        and steps.day <= targets.horizon_days
                        then steps.day
                end
            ) as p{{ percent }},
            min(case when steps.survival <= targets.open_{{ percent }} then steps.day end)
                as close_p{{ percent }},
        {%- endfor %}
        min(
            case
                when steps.cif_won >= targets.all_won and steps.day <= targets.horizon_days
                    then steps.cif_won_low
            end
        ) as share_won_low,
        min(
            case
                when steps.cif_won >= targets.all_won and steps.day <= targets.horizon_days
                    then steps.cif_won_high
            end
        ) as share_won_high
    from steps
    inner join targets
        on
            steps.curve = targets.curve
            and steps.unit = targets.unit
            and steps.segment = targets.segment
            and steps.cohort = targets.cohort
            and steps.slice_kind = targets.slice_kind
            and steps.slice = targets.slice
    group by
        steps.curve, steps.unit, steps.segment, steps.cohort, steps.slice_kind, steps.slice
),

final as (
    select
        populations.curve,
        populations.unit,
        populations.from_stage,
        'won' as to_stage,
        populations.segment,
        populations.cohort,
        populations.slice_kind,
        populations.slice,
        case
            when totals.curve is null then 'too few'
            when not totals.reaches_horizon then 'follow-up too short'
            when totals.share_won = 0 then 'none won'
            else 'ok'
        end as status,
        case when totals.reaches_horizon then quantiles.p25 end as p25,
        case when totals.reaches_horizon then quantiles.p50 end as p50,
        case when totals.reaches_horizon then quantiles.p75 end as p75,
        case when totals.reaches_horizon then quantiles.p90 end as p90,
        quantiles.close_p25,
        quantiles.close_p50,
        quantiles.close_p75,
        quantiles.close_p90,
        case when totals.reaches_horizon then totals.restricted_mean end as restricted_mean,
        populations.naive_mean_closed,
        horizons.horizon_days,
        case when totals.reaches_horizon then totals.share_won end as share_won,
        case when totals.reaches_horizon then quantiles.share_won_low end as share_won_low,
        case when totals.reaches_horizon then quantiles.share_won_high end as share_won_high,
        case when totals.reaches_horizon then totals.share_lost end as share_lost,
        case when totals.reaches_horizon then totals.share_disqualified end as share_disqualified,
        case when totals.reaches_horizon then totals.share_open end as share_open,
        totals.starts_at_day,
        totals.followed_until_day,
        coalesce(totals.n, 0) as n,
        coalesce(totals.events, 0) as events,
        coalesce(totals.won, 0) as won,
        coalesce(totals.lost, 0) as lost,
        coalesce(totals.disqualified, 0) as disqualified,
        coalesce(totals.censored, 0) as censored,
        populations.n_at_risk - coalesce(totals.n, 0) as n_off_curve,
        populations.n_unseen,
        populations.n_unknown_start,
        populations.n_excluded,
        clock.as_of,
        clock.known_at
    from populations
    inner join horizons on populations.unit = horizons.unit
    left join totals
        on
            populations.curve = totals.curve
            and populations.unit = totals.unit
            and populations.segment = totals.segment
            and populations.cohort = totals.cohort
            and populations.slice_kind = totals.slice_kind
            and populations.slice = totals.slice
    left join quantiles
        on
            populations.curve = quantiles.curve
            and populations.unit = quantiles.unit
            and populations.segment = quantiles.segment
            and populations.cohort = quantiles.cohort
            and populations.slice_kind = quantiles.slice_kind
            and populations.slice = quantiles.slice
    cross join clock
)

select
    curve,
    unit,
    from_stage,
    to_stage,
    segment,
    cohort,
    slice_kind,
    slice,
    status,
    p25,
    p50,
    p75,
    p90,
    close_p25,
    close_p50,
    close_p75,
    close_p90,
    restricted_mean,
    naive_mean_closed,
    horizon_days,
    cast(n as bigint) as n,
    cast(events as bigint) as events,
    cast(won as bigint) as won,
    cast(lost as bigint) as lost,
    cast(disqualified as bigint) as disqualified,
    cast(censored as bigint) as censored,
    share_won,
    share_won_low,
    share_won_high,
    share_lost,
    share_disqualified,
    share_open,
    starts_at_day,
    followed_until_day,
    cast(n_off_curve as bigint) as n_off_curve,
    cast(n_unseen as bigint) as n_unseen,
    cast(n_unknown_start as bigint) as n_unknown_start,
    cast(n_excluded as bigint) as n_excluded,
    as_of,
    known_at
from final
