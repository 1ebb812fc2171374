-- How many spells there are of each kind: all that the curves need to know of the journeys.
with spells as (
    select * from {{ ref('int_cycle_spell') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

own_counts as (
    select
        curve,
        from_stage,
        unit,
        segment,
        cohort,
        channel,
        owner,
        standing,
        outcome,
        entry_day,
        exit_day,
        count(*) as spells
    from spells
    group by
        curve, from_stage, unit, segment, cohort, channel, owner, standing, outcome, entry_day,
        exit_day
),

kinds as (
    select
        'all' as slice_kind,
        1 = 0 as by_cohort
    union all
    select
        'all' as slice_kind,
        1 = 1 as by_cohort
    union all
    select
        'channel' as slice_kind,
        1 = 0 as by_cohort
    union all
    select
        'owner' as slice_kind,
        1 = 0 as by_cohort
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

sliced as (
    select
        own_counts.curve,
        own_counts.from_stage,
        own_counts.unit,
        case when levels.by_segment then own_counts.segment else 'all' end as segment,
        case when kinds.by_cohort then own_counts.cohort else 'all' end as cohort,
        kinds.slice_kind,
        case kinds.slice_kind
            when 'channel' then own_counts.channel
            when 'owner' then own_counts.owner
            else 'all'
        end as slice,
        own_counts.standing,
        own_counts.outcome,
        own_counts.entry_day,
        own_counts.exit_day,
        own_counts.spells
    from own_counts
    cross join kinds
    cross join levels
    cross join settings
    where
        (not levels.by_segment or settings.segment_by is not null)
        and (not kinds.by_cohort or own_counts.cohort is not null)
)

select
    curve,
    from_stage,
    unit,
    segment,
    cohort,
    slice_kind,
    slice,
    standing,
    outcome,
    entry_day,
    exit_day,
    cast(sum(spells) as bigint) as spells
from sliced
group by
    curve, from_stage, unit, segment, cohort, slice_kind, slice, standing, outcome, entry_day,
    exit_day
