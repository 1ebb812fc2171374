-- Time from a stage to won, as a curve, by channel and by owner.
with curves as (
    select * from {{ ref('int_cycle_curve') }}
    where slice_kind <> 'all'
)

select
    curve,
    unit,
    from_stage,
    to_stage,
    segment,
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
from curves
