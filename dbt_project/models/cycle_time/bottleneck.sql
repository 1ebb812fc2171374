-- Which step costs most: the mean days of an entry times how likely a journey makes one.
with durations as (
    select * from {{ ref('stage_duration') }}
    where slice_kind = 'all'
),

what_ifs as (
    select * from {{ source('statistics', 'stage_what_if') }}
),

reaches as (
    select * from {{ source('statistics', 'stage_reach') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

parts as (
    select
        durations.unit,
        durations.segment,
        durations.stage,
        durations.status as duration_status,
        durations.restricted_mean,
        reaches.p_visit,
        durations.restricted_mean * reaches.p_visit as expected_days,
        durations.horizon_days,
        durations.n,
        reaches.status as reach_status
    from durations
    left join reaches
        on
            durations.unit = reaches.unit
            and durations.segment = reaches.segment
            and durations.stage = reaches.stage
),

ranked as (
    select
        unit,
        segment,
        stage,
        duration_status,
        restricted_mean,
        p_visit,
        expected_days,
        horizon_days,
        n,
        reach_status,
        rank() over (partition by unit, segment order by expected_days desc nulls last) as place
    from parts
)

select
    ranked.unit,
    ranked.segment,
    ranked.stage,
    case
        when ranked.duration_status <> 'ok' then ranked.duration_status
        else coalesce(ranked.reach_status, 'no data')
    end as status,
    ranked.restricted_mean,
    ranked.p_visit,
    ranked.expected_days,
    cast(case when ranked.expected_days is not null then ranked.place end as bigint) as rank,
    what_ifs.p25 as stage_p25,
    what_ifs.median_cycle_now,
    what_ifs.median_cycle_if_p25,
    coalesce(what_ifs.status, 'no data') as walk_status,
    what_ifs.untold_share,
    'arithmetic, not forecast' as label,
    ranked.horizon_days,
    ranked.n,
    clock.as_of,
    clock.known_at
from ranked
left join what_ifs
    on
        ranked.unit = what_ifs.unit
        and ranked.segment = what_ifs.segment
        and ranked.stage = what_ifs.stage
cross join clock
