-- Time in a stage, entry by entry, as a curve: Kaplan-Meier's survival, and where the exits led.
with risk_sets as (
    select * from {{ ref('int_stage_risk_set') }}
),

spreads as (
    select * from {{ ref('int_stage_spread') }}
),

slices as (
    select
        curve_id,
        stage,
        unit,
        segment,
        slice_kind,
        slice
    from {{ ref('int_stage_count') }}
    group by curve_id, stage, unit, segment, slice_kind, slice
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

normal as (
    select {{ normal_quantile('(1 + confidence_level) / 2') }} as z
    from settings
),

{{ survival_estimates('risk_sets', ['curve_id'], ['advanced', 'returned', 'closed']) }},

with_spread as (
    select
        estimates.curve_id,
        estimates.day,
        estimates.exited,
        estimates.survival,
        case when estimates.survival > 0 then estimates.survival * sqrt(spreads.log_variance) end
            as survival_se,
        estimates.cif_advanced,
        estimates.cif_returned,
        estimates.cif_closed
    from estimates
    inner join spreads
        on estimates.curve_id = spreads.curve_id and estimates.day = spreads.day
)

select
    slices.stage,
    slices.unit,
    slices.segment,
    slices.slice_kind,
    slices.slice,
    risk_sets.starts_at_day,
    risk_sets.day,
    risk_sets.at_risk,
    risk_sets.advanced,
    risk_sets.returned,
    risk_sets.closed,
    with_spread.exited,
    risk_sets.censored,
    with_spread.survival,
    with_spread.survival_se,
    {{ log_log_bound('with_spread.survival', 'with_spread.survival_se', -1, 'normal.z') }}
        as survival_low,
    {{ log_log_bound('with_spread.survival', 'with_spread.survival_se', 1, 'normal.z') }}
        as survival_high,
    with_spread.cif_advanced,
    with_spread.cif_returned,
    with_spread.cif_closed,
    clock.as_of,
    clock.known_at
from risk_sets
inner join with_spread
    on risk_sets.curve_id = with_spread.curve_id and risk_sets.day = with_spread.day
inner join slices on risk_sets.curve_id = slices.curve_id
cross join normal
cross join clock
