-- The spells of journeys that came to a stage more than once, under each segment and slice: one
-- journey's depend on each other, so a count of them does not tell enough.
with spells as (
    select * from {{ ref('int_stage_spell') }}
    where not is_only
),

{{ stage_slices(
    'spells', ['event_id', 'journey_id', 'standing', 'left_as', 'entry_day', 'exit_day']
) }}

select
    {{ key(['stage', 'unit', 'segment', 'slice_kind', 'slice']) }} as curve_id,
    event_id,
    journey_id,
    standing,
    left_as,
    entry_day,
    exit_day
from sliced
