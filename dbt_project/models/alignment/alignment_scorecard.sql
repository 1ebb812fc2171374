-- Each measure of alignment, month by month: its value, how sure it is, and what was promised.
with evidence as (
    select * from {{ ref('alignment_evidence') }}
),

response_times as (
    select * from {{ source('statistics', 'response_time') }}
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
        coalesce(counts.denominator, response_times.n, 0) as n,
        coalesce(
            cast(counts.numerator as double) / cast(counts.denominator as double),
            response_times.value
        ) as value,
        response_times.low as figure_low,
        response_times.high as figure_high,
        response_times.status as figure_status,
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
    left join response_times
        on
            cells.metric = response_times.metric
            and cells.month = response_times.month
            and cells.segment = response_times.segment
            and cells.slice_kind = response_times.slice_kind
            and cells.slice = response_times.slice
    left join promises
        on
            cells.metric = promises.metric
            and cells.month = promises.month
            and cells.segment = promises.segment
            and cells.slice_kind = 'all'
    left join users on cells.slice_kind = 'owner' and cells.slice = users.user_id
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
        when n < too_few then 'too few'
        when figure_status is not null then figure_status
        when target is null then 'ok'
        when value >= target then 'on target'
        else 'below target'
    end as status,
    agreement_version,
    as_of,
    known_at
from measured
