-- When each journey reached each stage of the ladder: its earliest entry to it or to any later
-- stage.
with events as (
    select * from {{ ref('int_journey_event') }}
    where counts and stage_order is not null
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit
),

entries as (
    select
        journey_id,
        stage_order,
        min(occurred_at) as entered_at
    from events
    group by journey_id, stage_order
)

select
    entries.journey_id,
    stages.stage,
    stages.stage_order,
    min(entries.entered_at) as reached_at,
    max(case when entries.stage_order = stages.stage_order then 1 else 0 end) = 1 as is_observed
from entries
inner join stages on entries.stage_order >= stages.stage_order
group by entries.journey_id, stages.stage, stages.stage_order
