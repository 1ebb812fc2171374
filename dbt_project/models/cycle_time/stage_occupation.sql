-- How many days a journey is in each stage up to the horizon, all its entries together.
with visits as (
    select * from {{ ref('int_stage_visit') }}
    where is_first
),

occupations as (
    select * from {{ source('statistics', 'stage_occupation') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not {{ closes('stage') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

horizons as (
    select * from {{ ref('int_cycle_horizon') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

sliced as (
    select
        visits.unit,
        case when levels.by_segment then visits.segment else 'all' end as segment,
        visits.standing
    from visits
    cross join levels
    cross join settings
    where not levels.by_segment or settings.segment_by is not null
),

populations as (
    select
        unit,
        segment,
        sum(case when standing = 'at_risk' then 1 else 0 end) as n,
        sum(case when standing = 'unseen' then 1 else 0 end) as n_unseen,
        sum(case when standing = 'excluded' then 1 else 0 end) as n_excluded
    from sliced
    group by unit, segment
)

select
    populations.unit,
    populations.segment,
    stages.stage,
    coalesce(occupations.status, 'no data') as status,
    occupations.expected_days,
    occupations.low,
    occupations.high,
    horizons.horizon_days,
    occupations.starts_at_day,
    cast(populations.n as bigint) as n,
    cast(populations.n_unseen as bigint) as n_unseen,
    cast(populations.n_excluded as bigint) as n_excluded,
    clock.as_of,
    clock.known_at
from populations
cross join stages
inner join horizons on populations.unit = horizons.unit
left join occupations
    on
        populations.unit = occupations.unit
        and populations.segment = occupations.segment
        and stages.stage = occupations.stage
cross join clock
