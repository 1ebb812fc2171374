-- The figures of the scorecard that are no share of counts.
with counts as (
    select * from {{ ref('int_scorecard_count') }}
),

response_times as (
    select * from {{ source('statistics', 'response_time') }}
),

kappas as (
    select * from {{ source('statistics', 'definition_kappa') }}
),

nurture_silences as (
    select * from {{ source('statistics', 'nurture_silence') }}
),

segment_alignments as (
    select * from {{ source('statistics', 'segment_alignment') }}
),

nurture_effects as (
    select * from {{ source('statistics', 'joint_nurture_effect') }}
),

attainments as (
    select * from {{ ref('commitment_attainment') }}
),

roads as (
    select * from {{ ref('int_road_figure') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

this_month as (
    select {{ local_month('clock.as_of', 'settings.time_zone') }} as month
    from clock
    cross join settings
),

alignments as (
    select
        'segment_alignment.' || measure || '_' || compared_with as metric,
        month,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    union all
    -- The headline of each measure is what says most: of the pairs, MQLs and wins.
    select
        'segment_alignment' as metric,
        month,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    where measure = 'mqls' and compared_with = 'won'
),

agreed_effects as (
    select
        nurture_effects.estimand,
        nurture_effects.ending,
        nurture_effects.landmark_day,
        nurture_effects.segment,
        nurture_effects.n,
        nurture_effects.value,
        nurture_effects.low,
        nurture_effects.high,
        nurture_effects.status
    from nurture_effects
    inner join settings on nurture_effects.lag_days = settings.nurture_lag_days
),

effects as (
    select
        'joint_nurture_effect.' || ending || '.' || estimand
        || coalesce('.' || cast(landmark_day as string), '') as metric,
        segment,
        n,
        value,
        low,
        high,
        status
    from agreed_effects
    union all
    -- Of the effects, that on winning.
    select
        'joint_nurture_effect' as metric,
        segment,
        n,
        value,
        low,
        high,
        status
    from agreed_effects
    where estimand = 'hazard_ratio' and ending = 'won'
),

ranked_attainments as (
    select
        month,
        segment,
        team,
        n,
        value,
        low,
        high,
        row_number() over (
            partition by month, segment
            order by value asc nulls last, team asc nulls last, metric asc nulls last
        ) as place,
        row_number() over (
            partition by month, segment, team order by value asc nulls last, metric asc nulls last
        ) as place_in_team
    from attainments
),

-- A team keeps its word where it keeps all of it, so the least of its promises speaks for it, and
-- the least of both teams' for both.
promises as (
    select
        'commitment_attainment.' || team || '.' || metric as metric,
        month,
        segment,
        'all' as slice_kind,
        'all' as slice,
        n,
        value,
        low,
        high
    from attainments
    union all
    select
        'commitment_attainment' as metric,
        month,
        segment,
        'all' as slice_kind,
        'all' as slice,
        n,
        value,
        low,
        high
    from ranked_attainments
    where place = 1
    union all
    select
        'commitment_attainment' as metric,
        month,
        segment,
        'team' as slice_kind,
        team as slice,
        n,
        value,
        low,
        high
    from ranked_attainments
    where place_in_team = 1
)

-- What sales promised of each handoff holds for every slice of them.
select
    response_times.metric,
    response_times.month,
    response_times.segment,
    response_times.slice_kind,
    response_times.slice,
    response_times.n,
    response_times.value,
    response_times.low,
    response_times.high,
    response_times.status,
    case
        when
            response_times.metric in (
                'response_time', 'response_time.p50', 'response_time.p90'
            )
            then cast(settings.answer_within_minutes as double) / 60.0e0
    end as target
from response_times
cross join settings
union all
select
    metric,
    month,
    segment,
    slice_kind,
    slice,
    n,
    value,
    low,
    high,
    status,
    cast(null as double) as target
from nurture_silences
union all
select
    metric,
    month,
    'all' as segment,
    'all' as slice_kind,
    'all' as slice,
    n,
    value,
    low,
    high,
    status,
    cast(null as double) as target
from alignments
union all
-- The effects are of the year that ends in this month, so they have no other.
select
    effects.metric,
    this_month.month,
    effects.segment,
    'all' as slice_kind,
    'all' as slice,
    effects.n,
    effects.value,
    effects.low,
    effects.high,
    effects.status,
    cast(null as double) as target
from effects
cross join this_month
union all
select
    roads.metric,
    this_month.month,
    roads.segment,
    'all' as slice_kind,
    'all' as slice,
    roads.n,
    roads.value,
    roads.low,
    roads.high,
    roads.status,
    cast(null as double) as target
from roads
cross join this_month
union all
select
    metric,
    month,
    segment,
    slice_kind,
    slice,
    n,
    value,
    low,
    high,
    status,
    cast(null as double) as target
from kappas
union all
-- Without a sample nobody has judged what neither team called qualified, and chance needs it.
select
    'definition_agreement.kappa' as metric,
    counts.month,
    counts.segment,
    counts.slice_kind,
    counts.slice,
    0 as n,
    null as value,
    null as low,
    null as high,
    'not identifiable' as status,
    cast(null as double) as target
from counts
left join kappas
    on
        counts.month = kappas.month
        and counts.segment = kappas.segment
        and counts.slice_kind = kappas.slice_kind
        and counts.slice = kappas.slice
where counts.metric = 'definition_agreement' and kappas.metric is null
union all
select
    metric,
    month,
    segment,
    slice_kind,
    slice,
    n,
    value,
    low,
    high,
    'ok' as status,
    1.0e0 as target
from promises
