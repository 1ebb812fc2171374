-- The count ratios of the scorecard, as far as they have evidence.
with evidence as (
    select * from {{ ref('alignment_evidence') }}
)

select
    metric,
    month,
    segment,
    slice_kind,
    slice,
    cast(sum(case when in_numerator then 1 else 0 end) as bigint) as numerator,
    cast(count(*) as bigint) as denominator
from evidence
where in_denominator and not {{ is_figure_of_cases('metric') }}
group by metric, month, segment, slice_kind, slice
