-- What the alignment score is made of: each component that has a weight, with data or without.
with scorecard as (
    select * from {{ ref('alignment_scorecard') }}
),

score_weights as (
    select * from {{ source('agreement', 'score_weights') }}
    where weight > 0
),

components as (
    select
        scorecard.month,
        scorecard.segment,
        scorecard.slice_kind,
        scorecard.slice,
        score_weights.component,
        scorecard.value,
        scorecard.n,
        score_weights.floor,
        score_weights.target,
        {{ score_points('scorecard.value', 'score_weights.floor', 'score_weights.target') }}
            as points,
        case when scorecard.value is not null then score_weights.weight end as weight,
        scorecard.agreement_version,
        scorecard.as_of,
        scorecard.known_at
    from scorecard
    inner join score_weights on scorecard.metric = score_weights.component
)

select
    month,
    segment,
    slice_kind,
    slice,
    component,
    value is not null as is_in_score,
    value,
    n,
    floor,
    target,
    points,
    weight / sum(weight) over (partition by month, segment, slice_kind, slice) as share_of_weight,
    points * weight / sum(weight) over (partition by month, segment, slice_kind, slice)
        as contribution,
    agreement_version,
    as_of,
    known_at
from components
