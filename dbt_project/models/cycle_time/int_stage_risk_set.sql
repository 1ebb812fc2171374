-- Who is at risk of leaving a stage on each day, from where enough are: as on the cycle's clocks.
with spells as (
    select * from {{ ref('int_stage_slice') }}
    where standing = 'at_risk'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

flows as (
    select
        curve_id,
        entry_day as day,
        1 as entered,
        0 as advanced,
        0 as returned,
        0 as closed,
        0 as censored
    from spells
    union all
    select
        curve_id,
        exit_day as day,
        0 as entered,
        case when left_as = 'advanced' then 1 else 0 end as advanced,
        case when left_as = 'returned' then 1 else 0 end as returned,
        case when left_as = 'closed' then 1 else 0 end as closed,
        case when left_as = 'open' then 1 else 0 end as censored
    from spells
),

days as (
    select
        curve_id,
        day,
        sum(entered) as entered,
        sum(advanced) as advanced,
        sum(returned) as returned,
        sum(closed) as closed,
        sum(censored) as censored,
        sum(advanced + returned + closed + censored) as gone
    from flows
    group by curve_id, day
),

risk_sets as (
    select
        curve_id,
        day,
        advanced,
        returned,
        closed,
        censored,
        {{ running('sum', 'entered - gone', 'curve_id') }}
        + gone - case when day > 0 then entered else 0 end as at_risk,
        lag(day) over (partition by curve_id order by day asc nulls last) as day_before
    from days
),

starts as (
    select
        risk_sets.curve_id,
        min(coalesce(risk_sets.day_before + 1, risk_sets.day)) as starts_at_day
    from risk_sets
    cross join settings
    where risk_sets.at_risk >= settings.minimum_at_risk
    group by risk_sets.curve_id
)

select
    risk_sets.curve_id,
    cast(starts.starts_at_day as integer) as starts_at_day,
    risk_sets.day,
    cast(risk_sets.at_risk as bigint) as at_risk,
    cast(risk_sets.advanced as bigint) as advanced,
    cast(risk_sets.returned as bigint) as returned,
    cast(risk_sets.closed as bigint) as closed,
    cast(risk_sets.censored as bigint) as censored
from risk_sets
inner join starts on risk_sets.curve_id = starts.curve_id
where risk_sets.day >= starts.starts_at_day
