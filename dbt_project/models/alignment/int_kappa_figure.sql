-- What the scorecard shows of the agreement of both teams beyond chance.
with kappas as (
    select * from {{ source('statistics', 'definition_kappa') }}
),

counts as (
    select * from {{ ref('int_scorecard_count') }}
)

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
    status,
    cast(null as double) as target
from kappas
union all
-- Without a sample nobody has judged what neither team called qualified, and chance needs it.
select
    'definition_agreement.kappa' as metric,
    counts.month,
    counts.segment,
    counts.slice_kind,
    counts.slice,
    0 as n,
    null as value,
    null as low,
    null as high,
    'not identifiable' as status,
    cast(null as double) as target
from counts
left join kappas
    on
        counts.month = kappas.month
        and counts.segment = kappas.segment
        and counts.slice_kind = kappas.slice_kind
        and counts.slice = kappas.slice
where counts.metric = 'definition_agreement' and kappas.metric is null
