-- What the scorecard shows of whether working together pays.
with nurture_effects as (
    select * from {{ source('statistics', 'joint_nurture_effect') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

this_month as (
    select {{ local_month('clock.as_of', 'settings.time_zone') }} as month
    from clock
    cross join settings
),

agreed_effects as (
    select
        nurture_effects.estimand,
        nurture_effects.ending,
        nurture_effects.landmark_day,
        nurture_effects.segment,
        nurture_effects.n,
        nurture_effects.value,
        nurture_effects.low,
        nurture_effects.high,
        nurture_effects.status
    from nurture_effects
    inner join settings on nurture_effects.lag_days = settings.nurture_lag_days
),

effects as (
    select
        'joint_nurture_effect.' || ending || '.' || estimand
        || coalesce('.' || cast(landmark_day as string), '') as metric,
        segment,
        n,
        value,
        low,
        high,
        status
    from agreed_effects
    union all
    -- Of the effects, that on winning.
    select
        'joint_nurture_effect' as metric,
        segment,
        n,
        value,
        low,
        high,
        status
    from agreed_effects
    where estimand = 'hazard_ratio' and ending = 'won'
)

-- The effects are of the year that ends in this month, so they have no other.
select
    effects.metric,
    this_month.month,
    effects.segment,
    'all' as slice_kind,
    'all' as slice,
    effects.n,
    effects.value,
    effects.low,
    effects.high,
    effects.status,
    cast(null as double) as target
from effects
cross join this_month
