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
        standing,
        outcome,
        entry_day,
        exit_day,
        count(*) as spells
    from spells
    group by curve, from_stage, unit, segment, cohort, standing, outcome, entry_day, exit_day
),

slices as (
    select
        false as by_segment,
        false as by_cohort
    union all
    select
        false as by_segment,
        true as by_cohort
    union all
    select
        true as by_segment,
        false as by_cohort
    union all
    select
        true as by_segment,
        true as by_cohort
),

sliced as (
    select
        own_counts.curve,
        own_counts.from_stage,
        own_counts.unit,
        case when slices.by_segment then own_counts.segment else 'all' end as segment,
        case when slices.by_cohort then own_counts.cohort else 'all' end as cohort,
        own_counts.standing,
        own_counts.outcome,
        own_counts.entry_day,
        own_counts.exit_day,
        own_counts.spells
    from own_counts
    cross join slices
    cross join settings
    where
        (not slices.by_segment or settings.segment_by is not null)
        and (not slices.by_cohort or own_counts.cohort is not null)
)

select
    curve,
    from_stage,
    unit,
    segment,
    cohort,
    standing,
    outcome,
    entry_day,
    exit_day,
    cast(sum(spells) as bigint) as spells
from sliced
group by curve, from_stage, unit, segment, cohort, standing, outcome, entry_day, exit_day
