-- Each measure in each cell of the scorecard: its count ratio or its figure, and what was promised.
with cells as (
    select * from {{ ref('int_scorecard_cell') }}
),

counts as (
    select * from {{ ref('int_scorecard_count') }}
),

figures as (
    select * from {{ ref('int_scorecard_figure') }}
),

promises as (
    select * from {{ ref('int_scorecard_promise') }}
)

select
    cells.metric,
    cells.month,
    cells.segment,
    cells.slice_kind,
    cells.slice,
    counts.numerator,
    counts.denominator,
    coalesce(counts.denominator, figures.n, 0) as n,
    coalesce(
        cast(counts.numerator as double) / cast(counts.denominator as double),
        figures.value
    ) as value,
    figures.low,
    figures.high,
    figures.status,
    coalesce(promises.target, figures.target) as target
from cells
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
