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
-- Behind these stand cases, and no share of them is the figure.
where
    in_denominator
    and metric <> 'definition_agreement.kappa'
    and metric not like 'response_time%'
    and metric not like 'joint_nurture_coverage.longest_silence%'
group by metric, month, segment, slice_kind, slice
