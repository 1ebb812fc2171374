-- Where each journey was at the end of each day, as stays: what begins and ends on one day is none.
with visits as (
    select * from {{ ref('int_stage_visit') }}
    where standing = 'at_risk'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

lasting as (
    select
        journey_id,
        unit,
        cluster_id,
        segment,
        state,
        lead(state) over (partition by journey_id, unit order by place asc nulls last)
            as to_state,
        row_number() over (partition by journey_id, unit order by place asc nulls last) as nth,
        entry_day,
        exit_day,
        seen_day
    from visits
    where exit_day > entry_day or next_state is null
),

-- Who is watched from the start on comes from nowhere on day 0.
stays as (
    select
        journey_id,
        unit,
        cluster_id,
        segment,
        'start' as state,
        state as to_state,
        -1 as entry_day,
        0 as exit_day
    from lasting
    where nth = 1 and seen_day = 0
    union all
    select
        journey_id,
        unit,
        cluster_id,
        segment,
        state,
        to_state,
        greatest(entry_day, seen_day) as entry_day,
        exit_day
    from lasting
    where exit_day > greatest(entry_day, seen_day)
)

select
    stays.journey_id,
    stays.unit,
    stays.cluster_id,
    stays.segment,
    settings.segment_by is not null as has_segments,
    stays.state,
    stays.to_state,
    cast(stays.entry_day as integer) as entry_day,
    cast(stays.exit_day as integer) as exit_day
from stays
cross join settings
