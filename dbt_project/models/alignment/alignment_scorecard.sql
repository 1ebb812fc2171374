-- Each measure of alignment, month by month: its value, how sure it is, and what was promised.
with evidence as (
    select * from {{ ref('alignment_evidence') }}
),

response_times as (
    select * from {{ source('statistics', 'response_time') }}
),

segment_alignments as (
    select * from {{ source('statistics', 'segment_alignment') }}
),

nurture_effects as (
    select * from {{ source('statistics', 'joint_nurture_effect') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

segments as (
    select * from {{ ref('dim_segment') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

commitments as (
    select * from {{ source('agreement', 'commitments') }}
),

score_weights as (
    select * from {{ source('agreement', 'score_weights') }}
    where weight > 0
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

known_metrics as (
    {% for metric in alignment_measures() %}
        select '{{ metric }}' as metric
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

counts as (
    select
        metric,
        month,
        segment,
        slice_kind,
        slice,
        sum(case when in_numerator then 1 else 0 end) as numerator,
        count(*) as denominator
    from evidence
    where in_denominator and metric not like 'response_time%'
    group by metric, month, segment, slice_kind, slice
),

-- Some sub-figures are named by what is there: a reason, a stage.
metrics as (
    select metric from known_metrics
    union
    select metric from counts
),

this_month as (
    select {{ local_month('clock.as_of', 'settings.time_zone') }} as month
    from clock
    cross join settings
),

first_month as (
    select coalesce(min(counts.month), min(this_month.month)) as month
    from this_month
    left join counts on 1 = 1
),

-- Every month since the first that has evidence, those without any too.
months as (
    select days.month
    from days
    cross join first_month
    cross join this_month
    where days.month >= first_month.month and days.month <= this_month.month
    union
    select this_month.month from this_month
    union
    select counts.month from counts
),

-- The whole of each segment, and every slice that has ever been seen.
slices as (
    select
        'all' as segment,
        'all' as slice_kind,
        'all' as slice
    union
    select
        segments.segment,
        'all' as slice_kind,
        'all' as slice
    from segments
    cross join settings
    where settings.segment_by is not null
    union
    select
        segment,
        slice_kind,
        slice
    from counts
),

-- What is a measure over all segments has no segments of its own.
metrics_over_segments as (
    {% for metric in measures_over_segments() %}
        select '{{ metric }}' as metric
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The headline of each is what says most: of the pairs, MQLs and wins; of the effects, on winning.
figures as (
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
        status
    from response_times
    union all
    select
        'segment_alignment.' || measure || '_' || compared_with as metric,
        month,
        'all' as segment,
        'all' as slice_kind,
        'all' as slice,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    union all
    select
        'segment_alignment' as metric,
        month,
        'all' as segment,
        'all' as slice_kind,
        'all' as slice,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    where measure = 'mqls' and compared_with = 'won'
    union all
    select
        'joint_nurture_effect.' || nurture_effects.ending || '.' || nurture_effects.estimand
        || coalesce('.' || cast(nurture_effects.landmark_day as string), '') as metric,
        this_month.month,
        nurture_effects.segment,
        'all' as slice_kind,
        'all' as slice,
        nurture_effects.n,
        nurture_effects.value,
        nurture_effects.low,
        nurture_effects.high,
        nurture_effects.status
    from nurture_effects
    cross join settings
    cross join this_month
    where nurture_effects.lag_days = settings.nurture_lag_days
    union all
    select
        'joint_nurture_effect' as metric,
        this_month.month,
        nurture_effects.segment,
        'all' as slice_kind,
        'all' as slice,
        nurture_effects.n,
        nurture_effects.value,
        nurture_effects.low,
        nurture_effects.high,
        nurture_effects.status
    from nurture_effects
    cross join settings
    cross join this_month
    where
        nurture_effects.lag_days = settings.nurture_lag_days
        and nurture_effects.estimand = 'hazard_ratio' and nurture_effects.ending = 'won'
),

-- The effects are of the year that ends in this month, so they have no other.
effect_metrics as (
    {% for metric in nurture_effects() %}
        select '{{ metric }}' as metric
        union
    {% endfor %}
    select metric from figures
    where metric like 'joint_nurture_effect%'
),

cells as (
    select
        metrics.metric,
        months.month,
        slices.segment,
        slices.slice_kind,
        slices.slice
    from metrics
    cross join months
    cross join slices
    union all
    select
        metrics_over_segments.metric,
        months.month,
        'all' as segment,
        'all' as slice_kind,
        'all' as slice
    from metrics_over_segments
    cross join months
    union all
    select
        effect_metrics.metric,
        this_month.month,
        slices.segment,
        slices.slice_kind,
        slices.slice
    from effect_metrics
    cross join this_month
    inner join slices on slices.slice_kind = 'all'
),

-- A promise for a month is the one in force on its last day.
month_ends as (
    select
        months.month,
        coalesce(max(days.day), months.month) as last_day
    from months
    left join days on months.month = days.month
    group by months.month
),

promises as (
    select
        month_ends.month,
        commitments.metric,
        coalesce(commitments.segment, 'all') as segment,
        max(commitments.at_least) as target
    from commitments
    inner join month_ends
        on
            (commitments.from_day is null or commitments.from_day <= month_ends.last_day)
            and (commitments.to_day is null or commitments.to_day >= month_ends.last_day)
    where commitments.at_least is not null
    group by month_ends.month, commitments.metric, coalesce(commitments.segment, 'all')
),

measured as (
    select
        cells.month,
        cells.segment,
        cells.slice_kind,
        cells.slice,
        coalesce(users.full_name, cells.slice) as slice_label,
        cells.metric,
        counts.numerator,
        counts.denominator,
        coalesce(counts.denominator, figures.n, 0) as n,
        coalesce(
            cast(counts.numerator as double) / cast(counts.denominator as double),
            figures.value
        ) as value,
        figures.low as figure_low,
        figures.high as figure_high,
        figures.status as figure_status,
        {{ normal_quantile('0.5e0 + cast(settings.confidence_level as double) / 2.0e0') }} as z,
        promises.target,
        settings.too_few,
        clock.agreement_version,
        clock.as_of,
        clock.known_at
    from cells
    cross join settings
    cross join clock
    left join counts
        on
            cells.metric = counts.metric
            and cells.month = counts.month
            and cells.segment = counts.segment
            and cells.slice_kind = counts.slice_kind
            and cells.slice = counts.slice
    left join figures
        on
            cells.metric = figures.metric
            and cells.month = figures.month
            and cells.segment = figures.segment
            and cells.slice_kind = figures.slice_kind
            and cells.slice = figures.slice
    left join promises
        on
            cells.metric = promises.metric
            and cells.month = promises.month
            and cells.segment = promises.segment
            and cells.slice_kind = 'all'
    left join users on cells.slice_kind = 'owner' and cells.slice = users.user_id
),

components as (
    select
        measured.month,
        measured.segment,
        measured.slice_kind,
        measured.slice,
        measured.slice_label,
        measured.n,
        measured.value,
        score_weights.weight,
        {{ score_points('measured.value', 'score_weights.floor', 'score_weights.target') }}
            as points,
        case when measured.value is null then 0 else 1 end as has_data,
        lag(case when measured.value is null then 0 else 1 end) over (
            partition by
                measured.metric, measured.segment, measured.slice_kind, measured.slice
            order by measured.month asc nulls last
        ) as had_data
    from measured
    inner join score_weights on measured.metric = score_weights.component
),

-- A component without data leaves its weight to the others.
scores as (
    select
        month,
        segment,
        slice_kind,
        slice,
        max(slice_label) as slice_label,
        coalesce(min(case when has_data = 1 then n end), 0) as n,
        sum(weight * points) / sum(case when has_data = 1 then weight end) as value,
        max(case when has_data <> had_data then 1 else 0 end) = 1
        and max(had_data) = 1 as has_other_components
    from components
    group by month, segment, slice_kind, slice
),

told as (
    select
        month,
        segment,
        slice_kind,
        slice,
        slice_label,
        metric,
        numerator,
        denominator,
        n,
        value,
        figure_low,
        figure_high,
        figure_status,
        z,
        target,
        too_few,
        agreement_version,
        as_of,
        known_at
    from measured
    union all
    select
        scores.month,
        scores.segment,
        scores.slice_kind,
        scores.slice,
        scores.slice_label,
        'alignment_score' as metric,
        null as numerator,
        null as denominator,
        scores.n,
        scores.value,
        null as figure_low,
        null as figure_high,
        case when scores.has_other_components then 'other components' end as figure_status,
        null as z,
        null as target,
        settings.too_few,
        clock.agreement_version,
        clock.as_of,
        clock.known_at
    from scores
    cross join settings
    cross join clock
)

select
    month,
    segment,
    slice_kind,
    slice,
    slice_label,
    metric,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(n as bigint) as n,
    value,
    coalesce({{ wilson_bound('numerator', 'denominator', '-1', 'z') }}, figure_low) as low,
    coalesce({{ wilson_bound('numerator', 'denominator', '1', 'z') }}, figure_high) as high,
    target,
    case
        when n = 0 then 'no data'
        when figure_status = 'other components' then figure_status
        when n < too_few then 'too few'
        when figure_status <> 'ok' then figure_status
        when target is null then 'ok'
        when value >= target then 'on target'
        else 'below target'
    end as status,
    agreement_version,
    as_of,
    known_at
from told
