-- Time from a stage to won, as a curve in every slice: Kaplan-Meier's survival, Aalen-Johansen's
-- ends.
with risk_sets as (
    select * from {{ ref('int_cycle_risk_set') }}
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

{{ survival_estimates(
    'risk_sets',
    ['curve', 'unit', 'segment', 'cohort', 'slice_kind', 'slice'],
    ['won', 'lost', 'disqualified']
) }},

final as (
    select
        risk_sets.curve,
        risk_sets.unit,
        risk_sets.from_stage,
        'won' as to_stage,
        risk_sets.segment,
        risk_sets.cohort,
        risk_sets.slice_kind,
        risk_sets.slice,
        risk_sets.starts_at_day,
        risk_sets.day,
        risk_sets.entered,
        risk_sets.at_risk,
        risk_sets.won,
        risk_sets.lost,
        risk_sets.disqualified,
        estimates.exited,
        risk_sets.censored,
        estimates.survival,
        estimates.survival_se,
        {{ log_log_bound('estimates.survival', 'estimates.survival_se', -1, 'normal.z') }}
            as survival_low,
        {{ log_log_bound('estimates.survival', 'estimates.survival_se', 1, 'normal.z') }}
            as survival_high,
        {%- for cause in ['won', 'lost', 'disqualified'] %}
            {%- set cif = 'estimates.cif_' ~ cause %}
            {{ cif }},
            {{ cif }}_se,
            {{ log_log_bound(cif, cif ~ '_se', -1, 'normal.z') }} as cif_{{ cause }}_low,
            {{ log_log_bound(cif, cif ~ '_se', 1, 'normal.z') }} as cif_{{ cause }}_high,
        {%- endfor %}
        clock.as_of,
        clock.known_at
    from risk_sets
    inner join estimates
        on
            risk_sets.curve = estimates.curve
            and risk_sets.unit = estimates.unit
            and risk_sets.segment = estimates.segment
            and risk_sets.cohort = estimates.cohort
            and risk_sets.slice_kind = estimates.slice_kind
            and risk_sets.slice = estimates.slice
            and risk_sets.day = estimates.day
    cross join normal
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
    starts_at_day,
    day,
    entered,
    at_risk,
    won,
    lost,
    disqualified,
    exited,
    censored,
    survival,
    survival_se,
    survival_low,
    survival_high,
    cif_won,
    cif_won_se,
    cif_won_low,
    cif_won_high,
    cif_lost,
    cif_lost_se,
    cif_lost_low,
    cif_lost_high,
    cif_disqualified,
    cif_disqualified_se,
    cif_disqualified_low,
    cif_disqualified_high,
    as_of,
    known_at
from final
