-- Each journey on each clock as the trend compares it: calendar days, how it ended, whose it is.
with spells as (
    select * from {{ ref('int_cycle_journey') }}
    where started_on is not null and not is_excluded and ended_on >= started_on
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
)

select
    spells.curve,
    spells.journey_id,
    coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
    spells.segment,
    spells.cohort,
    cast({{ days_between('spells.started_on', 'spells.ended_on') }} as integer) as days,
    case spells.outcome when 'won' then 1 when 'lost' then 2 when 'disqualified' then 3 else 0 end
        as ended_by,
    spells.seen_on > spells.started_on as is_seen_late,
    settings.segment_by is not null as has_segments
from spells
inner join journeys on spells.journey_id = journeys.journey_id
cross join settings
