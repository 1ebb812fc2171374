-- How many spells there are of each kind: all that the curves need to know of the journeys.
{%- set kind = 'from_stage, unit, standing, outcome, entry_day, exit_day' %}
with spells as (
    select * from {{ ref('int_cycle_spell') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- Counted once for each way of slicing: by all of them at once there are hardly two spells alike.
by_cohort as (
    select
        {{ kind }},
        segment,
        cohort,
        count(*) as spells
    from spells
    group by {{ kind }}, segment, cohort
),

by_channel as (
    select
        {{ kind }},
        segment,
        channel,
        count(*) as spells
    from spells
    group by {{ kind }}, segment, channel
),

by_owner as (
    select
        {{ kind }},
        segment,
        owner,
        count(*) as spells
    from spells
    group by {{ kind }}, segment, owner
),

sliced as (
    select
        {{ kind }},
        segment,
        'all' as cohort,
        'all' as slice_kind,
        'all' as slice,
        sum(spells) as spells
    from by_cohort
    group by {{ kind }}, segment
    union all
    select
        {{ kind }},
        segment,
        cohort,
        'all' as slice_kind,
        'all' as slice,
        spells
    from by_cohort
    where cohort is not null
    union all
    select
        {{ kind }},
        segment,
        'all' as cohort,
        'channel' as slice_kind,
        channel as slice,
        spells
    from by_channel
    union all
    select
        {{ kind }},
        segment,
        'all' as cohort,
        'owner' as slice_kind,
        owner as slice,
        spells
    from by_owner
),

levels as (
    select
        {{ kind }},
        'all' as segment,
        cohort,
        slice_kind,
        slice,
        spells
    from sliced
    union all
    select
        {{ kind }},
        sliced.segment,
        sliced.cohort,
        sliced.slice_kind,
        sliced.slice,
        sliced.spells
    from sliced
    cross join settings
    where settings.segment_by is not null
)

select
    {{ cycle_curve('from_stage') }} as curve,
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
from levels
group by
    from_stage, unit, segment, cohort, slice_kind, slice, standing, outcome, entry_day, exit_day
