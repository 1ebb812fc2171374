-- How many spells in a stage there are of each kind: all that the curves need to know of journeys
-- that came to it once.
with spells as (
    select * from {{ ref('int_stage_spell') }}
),

{{ stage_slices('spells', ['standing', 'left_as', 'entry_day', 'exit_day', 'is_only']) }},

counted as (
    select
        stage,
        unit,
        segment,
        slice_kind,
        slice,
        standing,
        left_as,
        entry_day,
        exit_day,
        is_only,
        count(*) as spells
    from sliced
    group by
        stage, unit, segment, slice_kind, slice, standing, left_as, entry_day, exit_day, is_only
)

select
    {{ key(['stage', 'unit', 'segment', 'slice_kind', 'slice']) }} as curve_id,
    stage,
    unit,
    segment,
    slice_kind,
    slice,
    standing,
    left_as,
    entry_day,
    exit_day,
    is_only,
    spells
from counted
