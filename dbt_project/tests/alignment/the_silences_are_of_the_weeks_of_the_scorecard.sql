-- The weeks in which silences are told are those that the coverage counts.
with scorecard as (
    select * from {{ ref('alignment_scorecard') }}
    where
        metric = 'joint_nurture_coverage'
        and segment = 'all'
        and slice_kind = 'all'
),

silences as (
    select * from {{ ref('joint_nurture_silence') }}
),

counted as (
    select coalesce(sum(denominator), 0) as weeks
    from scorecard
),

told as (
    select coalesce(sum(weeks), 0) as weeks
    from silences
)

select
    counted.weeks as counted_weeks,
    told.weeks as told_weeks
from counted
cross join told
where counted.weeks <> told.weeks
