-- Every state, stage or exit, that a primary journey was seen in, in days since it started.
with journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

events as (
    select * from {{ ref('int_journey_event') }}
    where counts
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

calendar as (
    select
        day,
        business_day_number
    from {{ source('agreement', 'business_days') }}
),

dated as (
    select
        events.journey_id,
        events.place,
        events.stage as state,
        {{ local_date('events.occurred_at', 'settings.time_zone') }} as occurred_on,
        row_number() over (partition by events.journey_id order by events.place asc nulls last)
            as nth
    from events
    cross join settings
),

-- A date without a time of day may be the day before what it follows, and stands for its whole day.
entered as (
    select
        journey_id,
        place,
        state,
        nth,
        max(occurred_on) over (
            partition by journey_id order by place asc nulls last
            rows between unbounded preceding and current row
        ) as entered_on
    from dated
),

paths as (
    select
        journey_id,
        min(entered_on) as started_on,
        max(entered_on) as last_on,
        max(nth) as visits,
        max(case when nth = 1 then state end) as first_state
    from entered
    group by journey_id
),

-- Who became aware and never a record is in no table: a journey starts with its record.
observed as (
    select
        journeys.journey_id,
        coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
        coalesce(journeys.segment, 'unknown') as segment,
        case
            when paths.first_state = 'aware'
                then greatest(
                    paths.started_on,
                    {{ local_date('prospects.created_at', 'settings.time_zone') }}
                )
            else paths.started_on
        end as started_on,
        paths.visits,
        case when journeys.outcome <> 'open' then paths.last_on end as closed_on,
        journeys.outcome,
        {{ local_date('journeys.as_of', 'settings.time_zone') }} as as_of_on,
        {{ local_date('journeys.observed_from', 'settings.time_zone') }} as observed_on,
        journeys.excluded_from_cycle
        or (paths.first_state = 'aware' and prospects.created_at is null) as is_excluded
    from journeys
    inner join paths on journeys.journey_id = paths.journey_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
    cross join settings
),

ordered as (
    select
        entered.journey_id,
        entered.place,
        entered.state,
        lead(entered.state)
            over (partition by entered.journey_id order by entered.place asc nulls last)
            as next_state,
        observed.cluster_id,
        observed.segment,
        observed.started_on,
        entered.entered_on,
        coalesce(
            lead(entered.entered_on)
                over (partition by entered.journey_id order by entered.place asc nulls last),
            greatest(observed.as_of_on, entered.entered_on)
        ) as left_on,
        coalesce(observed.observed_on, observed.started_on) as observed_on,
        coalesce(observed.closed_on, greatest(observed.as_of_on, entered.entered_on)) as over_on,
        observed.is_excluded
        or (
            observed.outcome <> 'open'
            and entered.nth = observed.visits
            and not {{ closes('entered.state') }}
        ) as is_excluded
    from entered
    inner join observed on entered.journey_id = observed.journey_id
),

visits as (
    select
        journey_id,
        place,
        row_number() over (partition by journey_id order by place asc nulls last) as nth,
        state,
        next_state,
        cluster_id,
        segment,
        started_on,
        greatest(entered_on, started_on) as entered_on,
        greatest(left_on, started_on) as left_on,
        greatest(observed_on, started_on) as seen_on,
        over_on,
        is_excluded
    from ordered
    where entered_on >= started_on or left_on > started_on or next_state is null
),

{{ measured_spells(
    'visits',
    [
        'journey_id', 'place', 'nth', 'state', 'next_state', 'cluster_id', 'segment', 'is_excluded'
    ],
    'started_on',
    {
        'entry_day': 'entered_on', 'exit_day': 'left_on', 'seen_day': 'seen_on',
        'over_day': 'over_on',
    }
) }},

-- What is wrong with one part of a path is wrong with the whole of it.
judged as (
    select
        journey_id,
        unit,
        max(
            case when is_excluded or entry_day is null or exit_day is null then 1 else 0 end
        ) as is_excluded,
        max(case when seen_day is null or over_day is null then 1 else 0 end) as is_undated,
        max(case when seen_day > 0 and over_day <= seen_day then 1 else 0 end) as is_unseen
    from measured
    group by journey_id, unit
)

select
    measured.journey_id,
    measured.place,
    measured.unit,
    measured.cluster_id,
    measured.segment,
    measured.nth = 1 as is_first,
    measured.state,
    measured.next_state,
    cast(measured.entry_day as integer) as entry_day,
    cast(measured.exit_day as integer) as exit_day,
    cast(measured.seen_day as integer) as seen_day,
    cast(measured.over_day as integer) as over_day,
    case
        when judged.is_excluded + judged.is_undated > 0 then 'excluded'
        when judged.is_unseen = 1 then 'unseen'
        else 'at_risk'
    end as standing
from measured
inner join judged on measured.journey_id = judged.journey_id and measured.unit = judged.unit
