-- How long each handoff waited for what, and how the wait ended: from the handoff to sales' first
-- attempt and to the first two-way contact, and the two parts of the former.
with slices as (
    select * from {{ ref('int_handoff_slice') }}
),

clocks as (
    select * from {{ ref('int_handoff_clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

waits as (
    select
        'response_time' as measure,
        handoff_id,
        0.0e0 as starts_after,
        attempt_after_hours as happened_after,
        decided_after_hours,
        seen_for_hours
    from clocks
    union all
    select
        'response_time.two_way' as measure,
        handoff_id,
        0.0e0 as starts_after,
        two_way_after_hours as happened_after,
        decided_after_hours,
        seen_for_hours
    from clocks
    union all
    select
        'response_time.system_delay' as measure,
        handoff_id,
        0.0e0 as starts_after,
        assigned_after_hours as happened_after,
        decided_after_hours,
        seen_for_hours
    from clocks
    union all
    -- Whoever was tried before anyone owned it did not wait for the owner.
    select
        'response_time.human_delay' as measure,
        handoff_id,
        assigned_after_hours as starts_after,
        case
            when attempt_after_hours < assigned_after_hours then assigned_after_hours
            else attempt_after_hours
        end as happened_after,
        case
            when decided_after_hours < assigned_after_hours then assigned_after_hours
            else decided_after_hours
        end as decided_after_hours,
        seen_for_hours
    from clocks
    where assigned_after_hours is not null
),

ended as (
    select
        measure,
        handoff_id,
        starts_after,
        case
            when
                happened_after is not null
                and (decided_after_hours is null or happened_after <= decided_after_hours)
                then happened_after
            when decided_after_hours is not null then decided_after_hours
            else seen_for_hours
        end as ends_after,
        case
            when
                happened_after is not null
                and (decided_after_hours is null or happened_after <= decided_after_hours)
                then 1
            when decided_after_hours is not null then 2
            else 0
        end as ended_by
    from waits
)

select
    ended.measure,
    ended.handoff_id,
    slices.journey_id,
    slices.month,
    slices.segment,
    slices.team,
    slices.owner,
    slices.source,
    slices.cluster_id,
    ended.ends_after - ended.starts_after as hours,
    ended.ended_by,
    settings.segment_by is not null as has_segments
from ended
inner join slices on ended.handoff_id = slices.handoff_id
cross join settings
where ended.ends_after is not null
