-- Does working together pay: each estimand, with the naive figures of other tools beside it.
with effects as (
    select * from {{ source('statistics', 'joint_nurture_effect') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    effects.estimand,
    effects.ending,
    effects.segment,
    effects.lag_days,
    effects.landmark_day,
    effects.horizon_days,
    effects.estimand like 'naive%' as is_naive,
    effects.n,
    effects.n_exposed,
    effects.events,
    effects.value,
    effects.low,
    effects.high,
    effects.p_value,
    effects.adjusted_for,
    effects.status,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from effects
cross join clock
