-- The rows behind each count ratio: stored once, in every slice when read.
with events as (
    select * from {{ ref('alignment_event') }}
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

kinds as (
    select 'all' as slice_kind
    union all
    select 'team' as slice_kind
    union all
    select 'owner' as slice_kind
    union all
    select 'source' as slice_kind
)

select
    events.metric,
    events.month,
    case when levels.by_segment then events.segment else 'all' end as segment,
    kinds.slice_kind,
    case kinds.slice_kind
        when 'team' then events.team
        when 'owner' then events.owner
        when 'source' then events.source
        else 'all'
    end as slice,
    events.event_id,
    events.journey_id,
    events.handoff_id,
    events.deal_id,
    events.in_numerator,
    events.in_denominator
from events
cross join levels
cross join kinds
-- Without segments in the agreement, all is the only one.
where not levels.by_segment or events.segment <> 'all'
