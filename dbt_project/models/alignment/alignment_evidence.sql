-- The rows behind each count ratio: stored once, in every slice when read.
with events as (
    select * from {{ ref('int_alignment_event') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
    from settings
    where segment_by is not null
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
    events.journey_id,
    events.handoff_id,
    events.in_numerator,
    events.in_denominator
from events
cross join levels
cross join kinds
