-- What the scorecard shows of how alike the segments are that both teams aim at.
with segment_alignments as (
    select * from {{ source('statistics', 'segment_alignment') }}
),

alignments as (
    select
        'segment_alignment.' || measure || '_' || compared_with as metric,
        month,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    union all
    -- The headline of each measure is what says most: of the pairs, MQLs and wins.
    select
        'segment_alignment' as metric,
        month,
        least(n, n_compared) as n,
        value,
        low,
        high,
        status
    from segment_alignments
    where measure = 'mqls' and compared_with = 'won'
)

select
    metric,
    month,
    'all' as segment,
    'all' as slice_kind,
    'all' as slice,
    n,
    value,
    low,
    high,
    status,
    cast(null as double) as target
from alignments
