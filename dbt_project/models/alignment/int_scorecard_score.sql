-- The alignment score: what the measures that have a weight earned together.
with measures as (
    select * from {{ ref('int_scorecard_measure') }}
),

score_weights as (
    select * from {{ source('agreement', 'score_weights') }}
    where weight > 0
),

components as (
    select
        measures.month,
        measures.segment,
        measures.slice_kind,
        measures.slice,
        measures.n,
        score_weights.weight,
        {{ score_points('measures.value', 'score_weights.floor', 'score_weights.target') }}
            as points,
        case when measures.value is null then 0 else 1 end as has_data,
        lag(case when measures.value is null then 0 else 1 end) over (
            partition by
                measures.metric, measures.segment, measures.slice_kind, measures.slice
            order by measures.month asc nulls last
        ) as had_data
    from measures
    inner join score_weights on measures.metric = score_weights.component
)

-- A component without data leaves its weight to the others.
select
    month,
    segment,
    slice_kind,
    slice,
    coalesce(min(case when has_data = 1 then n end), 0) as n,
    sum(weight * points) / sum(case when has_data = 1 then weight end) as value,
    case
        when max(case when has_data <> had_data then 1 else 0 end) = 1 and max(had_data) = 1
            then 'other components'
    end as status
from components
group by month, segment, slice_kind, slice
