-- Every row that the scorecard has, with data or without.
with counts as (
    select * from {{ ref('int_scorecard_count') }}
),

figures as (
    select * from {{ ref('int_scorecard_figure') }}
),

segments as (
    select * from {{ ref('dim_segment') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- Some sub-figures are named by what is there: a reason, a stage.
metrics as (
    {% for metric in alignment_measures() %}
        select '{{ metric }}' as metric
        union
    {% endfor %}
    select metric from counts
),

-- What is a measure over all segments has no segments of its own.
metrics_over_segments as (
    {% for metric in measures_over_segments() %}
        select '{{ metric }}' as metric
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The effects are of the year that ends in this month, and the road ahead starts in it, so they
-- have no other.
metrics_of_this_month as (
    {% for metric in nurture_effects() + road_measures() %}
        select '{{ metric }}' as metric
        union
    {% endfor %}
    select metric from figures
    where metric like 'joint_nurture_effect%'
),

-- A promise of a volume is made for a segment as a whole.
promises as (
    select
        metric,
        segment
    from figures
    where metric like 'commitment_attainment.%'
    group by metric, segment
),

this_month as (
    select {{ local_month('clock.as_of', 'settings.time_zone') }} as month
    from clock
    cross join settings
),

known_months as (
    select month from counts
    union
    select month from figures
    where metric like 'commitment_attainment%'
    union
    select month from this_month
),

first_month as (
    select min(month) as month
    from known_months
),

-- Every month since the first that has evidence or a promise, those without any too.
months as (
    select days.month
    from days
    cross join first_month
    cross join this_month
    where days.month >= first_month.month and days.month <= this_month.month
    union
    select month from known_months
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
    union
    select
        segment,
        slice_kind,
        slice
    from figures
    where metric = 'commitment_attainment'
)

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
    metrics_of_this_month.metric,
    this_month.month,
    slices.segment,
    slices.slice_kind,
    slices.slice
from metrics_of_this_month
cross join this_month
inner join slices on slices.slice_kind = 'all'
union all
select
    promises.metric,
    months.month,
    promises.segment,
    'all' as slice_kind,
    'all' as slice
from promises
cross join months
