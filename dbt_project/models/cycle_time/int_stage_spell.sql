-- Every observed entry of a primary journey to a stage: how many days it stayed, and where it
-- went.
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

deals as (
    select * from {{ ref('fct_deal') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit and stage <> 'won'
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

moves as (
    select
        event_id,
        journey_id,
        stage,
        stage_order,
        occurred_at,
        lead(stage) over (partition by journey_id order by place asc nulls last) as next_stage,
        lead(stage_order) over (partition by journey_id order by place asc nulls last)
            as next_order,
        lead(occurred_at) over (partition by journey_id order by place asc nulls last) as next_at
    from events
),

entries as (
    select
        moves.event_id,
        moves.journey_id,
        moves.stage,
        coalesce(journeys.segment, 'unknown') as segment,
        coalesce(journeys.first_channel, 'unknown') as channel,
        coalesce(deals.owner_id, 'unknown') as owner,
        case
            when moves.next_stage in ('lost', 'disqualified') then 'closed'
            when moves.next_order > moves.stage_order then 'advanced'
            when moves.next_stage is not null then 'returned'
            else 'open'
        end as left_as,
        journeys.excluded_from_cycle
        or (moves.next_stage is null and journeys.outcome <> 'open') as is_excluded,
        moves.occurred_at as entered_at,
        case when moves.next_stage is null then journeys.as_of else moves.next_at end as left_at,
        journeys.observed_from,
        case when moves.stage = 'aware' then prospects.created_at end as recorded_at,
        moves.stage = 'aware' and prospects.created_at is null as is_unrecorded
    from moves
    inner join journeys on moves.journey_id = journeys.journey_id
    inner join stages on moves.stage = stages.stage
    left join prospects on journeys.prospect_id = prospects.prospect_id
    left join deals on journeys.deal_id = deals.deal_id
),

dated as (
    select
        entries.event_id,
        entries.journey_id,
        entries.stage,
        entries.segment,
        entries.channel,
        entries.owner,
        entries.left_as,
        entries.is_excluded or entries.is_unrecorded as is_excluded,
        cast(entries.entered_at as date) as entered_utc_day,
        cast(entries.left_at as date) as left_utc_day,
        {{ local_date('entries.entered_at', 'settings.time_zone') }} as entered_on,
        {{ local_date('entries.left_at', 'settings.time_zone') }} as left_on,
        {{ local_date('entries.observed_from', 'settings.time_zone') }} as observed_on,
        {{ local_date('entries.recorded_at', 'settings.time_zone') }} as recorded_on
    from entries
    cross join settings
),

-- A date without a time of day stands for its whole day, as on the clocks of the cycle.
ordered as (
    select
        event_id,
        journey_id,
        stage,
        segment,
        channel,
        owner,
        left_as,
        is_excluded,
        entered_on,
        greatest(
            entered_on, coalesce(observed_on, entered_on), coalesce(recorded_on, entered_on)
        ) as seen_on,
        case
            when left_on < entered_on and entered_utc_day <= left_utc_day then entered_on
            else left_on
        end as left_on
    from dated
),

{{ measured_spells(
    'ordered',
    [
        'event_id', 'journey_id', 'stage', 'segment', 'channel', 'owner', 'left_as', 'is_excluded',
        'entered_on',
    ],
    'entered_on', {'entry_day': 'seen_on', 'exit_day': 'left_on'}
) }}

select
    event_id,
    journey_id,
    stage,
    unit,
    segment,
    substr(cast(entered_on as string), 1, 7) as cohort,
    channel,
    owner,
    left_as,
    entered_on,
    cast(entry_day as integer) as entry_day,
    cast(exit_day as integer) as exit_day,
    {{ spell_standing('is_excluded') }} as standing,
    count(*) over (partition by journey_id, stage, unit) = 1 as is_only
from measured
