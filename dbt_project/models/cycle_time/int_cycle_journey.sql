-- For each clock, every primary journey that came as far as its stage: when it started and ended.
with journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clocks as (
    select
        stage as from_stage,
        stage_order
    from stages
    where stage in ({{ cycle_clocks() }})
),

-- When the stage itself was entered, and when it or a later one before the win was.
entries as (
    select
        events.journey_id,
        clocks.from_stage,
        min(case when stages.stage = clocks.from_stage then events.occurred_at end) as entered_at,
        min(case when stages.stage <> 'won' then events.occurred_at end) as reached_at
    from events
    inner join stages on events.stage = stages.stage
    inner join clocks on stages.stage_order >= clocks.stage_order
    group by events.journey_id, clocks.from_stage
),

-- A journey that was won has passed every stage, seen or not.
passed as (
    select
        journeys.journey_id,
        clocks.from_stage,
        coalesce(journeys.segment, 'unknown') as segment,
        coalesce(journeys.first_channel, 'unknown') as channel,
        coalesce(deals.owner_id, 'unknown') as owner,
        journeys.outcome,
        journeys.excluded_from_cycle,
        journeys.observed_from,
        entries.entered_at,
        entries.reached_at,
        prospects.created_at as recorded_at,
        case
            when journeys.outcome = 'open' then journeys.as_of
            else coalesce(journeys.won_at, journeys.lost_at, journeys.disqualified_at)
        end as ended_at
    from journeys
    cross join clocks
    left join entries
        on journeys.journey_id = entries.journey_id and clocks.from_stage = entries.from_stage
    left join prospects on journeys.prospect_id = prospects.prospect_id
    left join deals on journeys.deal_id = deals.deal_id
    where entries.journey_id is not null or journeys.outcome = 'won'
),

dated as (
    select
        passed.journey_id,
        passed.from_stage,
        passed.segment,
        passed.channel,
        passed.owner,
        passed.outcome,
        passed.excluded_from_cycle,
        cast(passed.entered_at as date) as entered_utc_day,
        cast(passed.reached_at as date) as reached_utc_day,
        cast(passed.ended_at as date) as ended_utc_day,
        {{ local_date('passed.entered_at', 'settings.time_zone') }} as entered_on,
        {{ local_date('passed.reached_at', 'settings.time_zone') }} as reached_on,
        {{ local_date('passed.ended_at', 'settings.time_zone') }} as ended_on,
        {{ local_date('passed.observed_from', 'settings.time_zone') }} as observed_on,
        {{ local_date('passed.recorded_at', 'settings.time_zone') }} as recorded_on
    from passed
    cross join settings
),

-- A date without a time of day is midnight, in UTC or here, and stands for its whole day: it comes
-- before another instant only where it does so in both. Where a later stage was seen first, the
-- stage was entered unseen, nobody knows when.
ordered as (
    select
        journey_id,
        from_stage,
        segment,
        channel,
        owner,
        outcome,
        excluded_from_cycle,
        case
            when entered_on <= reached_on or entered_utc_day <= reached_utc_day then entered_on
        end as started_on,
        case
            when ended_on < entered_on and entered_utc_day <= ended_utc_day then entered_on
            else ended_on
        end as ended_on,
        observed_on,
        recorded_on
    from dated
),

-- Who became aware and never a record is in no table: a clock from there runs among those who did.
seen as (
    select
        journey_id,
        from_stage,
        segment,
        channel,
        owner,
        outcome,
        excluded_from_cycle,
        started_on,
        case
            when from_stage = 'aware' and recorded_on > observed_on then recorded_on
            when from_stage = 'aware' then coalesce(observed_on, recorded_on)
            else observed_on
        end as seen_from,
        from_stage = 'aware' and recorded_on is null as is_unrecorded,
        ended_on
    from ordered
)

select
    journey_id,
    {{ cycle_curve('from_stage') }} as curve,
    from_stage,
    segment,
    channel,
    owner,
    substr(cast(started_on as string), 1, 7) as cohort,
    outcome,
    started_on,
    case when seen_from > started_on then seen_from else started_on end as seen_on,
    ended_on,
    excluded_from_cycle or is_unrecorded as is_excluded
from seen
