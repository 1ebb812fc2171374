-- Each journey's spell on each clock in days of both kinds, or the reason why it has none.
with journeys as (
    select * from {{ ref('int_cycle_journey') }}
),

calendar as (
    select
        day,
        business_day_number
    from {{ source('agreement', 'business_days') }}
),

measured as (
    select
        curve,
        from_stage,
        'calendar' as unit,
        segment,
        cohort,
        outcome,
        is_excluded,
        started_on,
        {{ days_between('started_on', 'seen_on') }} as entry_day,
        {{ days_between('started_on', 'ended_on') }} as exit_day
    from journeys
    union all
    select
        journeys.curve,
        journeys.from_stage,
        'business' as unit,
        journeys.segment,
        journeys.cohort,
        journeys.outcome,
        journeys.is_excluded,
        journeys.started_on,
        seen.business_day_number - started.business_day_number as entry_day,
        ended.business_day_number - started.business_day_number as exit_day
    from journeys
    left join calendar as started on journeys.started_on = started.day
    left join calendar as seen on journeys.seen_on = seen.day
    left join calendar as ended on journeys.ended_on = ended.day
)

select
    curve,
    from_stage,
    unit,
    segment,
    cohort,
    outcome,
    cast(entry_day as integer) as entry_day,
    cast(exit_day as integer) as exit_day,
    case
        when started_on is null then 'unknown_start'
        when is_excluded then 'excluded'
        when entry_day is null or exit_day is null or exit_day < 0 then 'excluded'
        when entry_day > 0 and exit_day <= entry_day then 'unseen'
        else 'at_risk'
    end as standing
from measured
