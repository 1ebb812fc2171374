-- Each ratio of the scorecard is what its evidence says, each other figure stands on as many cases
-- as its evidence has, and no evidence is without a row. The cases of effects, of the comparison of
-- segments, of promises of volumes, of the road ahead and of the score stand in tables of their
-- own.
with scorecard as (
    select * from {{ ref('alignment_scorecard') }}
),

evidence as (
    select * from {{ ref('alignment_evidence') }}
),

counts as (
    select
        metric,
        month,
        segment,
        slice_kind,
        slice,
        sum(case when in_numerator then 1 else 0 end) as numerator,
        sum(case when in_denominator then 1 else 0 end) as denominator
    from evidence
    group by metric, month, segment, slice_kind, slice
)

select
    coalesce(scorecard.metric, counts.metric) as metric,
    coalesce(scorecard.month, counts.month) as month,
    coalesce(scorecard.segment, counts.segment) as segment,
    coalesce(scorecard.slice_kind, counts.slice_kind) as slice_kind,
    coalesce(scorecard.slice, counts.slice) as slice
from scorecard
full outer join counts
    on
        scorecard.metric = counts.metric
        and scorecard.month = counts.month
        and scorecard.segment = counts.segment
        and scorecard.slice_kind = counts.slice_kind
        and scorecard.slice = counts.slice
where
    scorecard.metric is null
    or (
        scorecard.n <> coalesce(counts.denominator, 0)
        and scorecard.metric not like 'joint_nurture_effect%'
        and scorecard.metric not like 'segment_alignment%'
        and scorecard.metric not like 'now_vs_road_ahead%'
        and scorecard.metric not like 'commitment_attainment%'
        and scorecard.metric <> 'alignment_score'
    )
    -- A quantile or kappa has cases and is no share of them; every other figure with cases is.
    or (
        counts.metric is not null
        and not {{ is_figure_of_cases('counts.metric') }}
        and (
            coalesce(scorecard.numerator, -1) <> counts.numerator
            or coalesce(scorecard.denominator, -1) <> counts.denominator
        )
    )
    or (
        (counts.metric is null or {{ is_figure_of_cases('counts.metric') }})
        and (scorecard.numerator is not null or scorecard.denominator is not null)
    )
