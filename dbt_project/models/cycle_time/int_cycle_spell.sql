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

{{ measured_spells(
    'journeys',
    [
        'from_stage', 'segment', 'cohort', 'channel', 'owner', 'outcome', 'is_excluded', 'started_on',
    ],
    'started_on', {'entry_day': 'seen_on', 'exit_day': 'ended_on'}
) }}

select
    from_stage,
    unit,
    segment,
    cohort,
    channel,
    owner,
    outcome,
    cast(entry_day as integer) as entry_day,
    cast(exit_day as integer) as exit_day,
    case
        when started_on is null then 'unknown_start'
        else {{ spell_standing('is_excluded') }}
    end as standing
from measured
