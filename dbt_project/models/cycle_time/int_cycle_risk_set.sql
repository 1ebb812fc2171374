-- Who is at risk on each day on which somebody enters or leaves, from where enough are at risk.
--
-- The risk set at day t holds those with entry < t <= exit; who enters at 0 is there from day 0 on.
with spells as (
    select * from {{ ref('int_cycle_count') }}
    where standing = 'at_risk'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

flows as (
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        entry_day as day,
        spells as entered,
        0 as won,
        0 as lost,
        0 as disqualified,
        0 as censored
    from spells
    union all
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        exit_day as day,
        0 as entered,
        case when outcome = 'won' then spells else 0 end as won,
        case when outcome = 'lost' then spells else 0 end as lost,
        case when outcome = 'disqualified' then spells else 0 end as disqualified,
        case when outcome = 'open' then spells else 0 end as censored
    from spells
),

days as (
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        day,
        sum(entered) as entered,
        sum(won) as won,
        sum(lost) as lost,
        sum(disqualified) as disqualified,
        sum(censored) as censored,
        sum(won + lost + disqualified + censored) as gone
    from flows
    group by curve, from_stage, unit, segment, cohort, day
),

risk_sets as (
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        day,
        entered,
        won,
        lost,
        disqualified,
        censored,
        sum(entered - gone) over (
            partition by curve, unit, segment, cohort order by day asc nulls last
            rows between unbounded preceding and current row
        ) + gone - case when day > 0 then entered else 0 end as at_risk,
        lag(day) over (
            partition by curve, unit, segment, cohort order by day asc nulls last
        ) as day_before
    from days
),

-- Between two days nobody comes or goes: a risk set is there from the day after the one before.
starts as (
    select
        risk_sets.curve,
        risk_sets.unit,
        risk_sets.segment,
        risk_sets.cohort,
        min(coalesce(risk_sets.day_before + 1, risk_sets.day)) as starts_at_day
    from risk_sets
    cross join settings
    where risk_sets.at_risk >= settings.minimum_at_risk
    group by risk_sets.curve, risk_sets.unit, risk_sets.segment, risk_sets.cohort
)

select
    risk_sets.curve,
    risk_sets.from_stage,
    risk_sets.unit,
    risk_sets.segment,
    risk_sets.cohort,
    cast(starts.starts_at_day as integer) as starts_at_day,
    risk_sets.day,
    cast(risk_sets.entered as bigint) as entered,
    cast(risk_sets.at_risk as bigint) as at_risk,
    cast(risk_sets.won as bigint) as won,
    cast(risk_sets.lost as bigint) as lost,
    cast(risk_sets.disqualified as bigint) as disqualified,
    cast(risk_sets.censored as bigint) as censored
from risk_sets
inner join starts
    on
        risk_sets.curve = starts.curve
        and risk_sets.unit = starts.unit
        and risk_sets.segment = starts.segment
        and risk_sets.cohort = starts.cohort
where risk_sets.day >= starts.starts_at_day
