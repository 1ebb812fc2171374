-- The spells in a stage under each segment and slice that they count in.
with spells as (
    select * from {{ ref('int_stage_spell') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

kinds as (
    select 'all' as slice_kind
    union all
    select 'cohort' as slice_kind
    union all
    select 'channel' as slice_kind
    union all
    select 'owner' as slice_kind
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

sliced as (
    select
        spells.event_id,
        spells.journey_id,
        spells.stage,
        spells.unit,
        case when levels.by_segment then spells.segment else 'all' end as segment,
        kinds.slice_kind,
        case kinds.slice_kind
            when 'cohort' then spells.cohort
            when 'channel' then spells.channel
            when 'owner' then spells.owner
            else 'all'
        end as slice,
        spells.left_as,
        spells.entry_day,
        spells.exit_day,
        spells.standing
    from spells
    cross join kinds
    cross join levels
    cross join settings
    where not levels.by_segment or settings.segment_by is not null
)

select
    {{ key(['stage', 'unit', 'segment', 'slice_kind', 'slice']) }} as curve_id,
    event_id,
    journey_id,
    stage,
    unit,
    segment,
    slice_kind,
    slice,
    left_as,
    entry_day,
    exit_day,
    standing
from sliced
