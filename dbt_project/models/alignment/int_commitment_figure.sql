-- What the scorecard shows of the promises of volumes.
with attainments as (
    select * from {{ ref('commitment_attainment') }}
),

ranked_attainments as (
    select
        month,
        segment,
        team,
        n,
        value,
        low,
        high,
        row_number() over (
            partition by month, segment
            order by value asc nulls last, team asc nulls last, metric asc nulls last
        ) as place,
        row_number() over (
            partition by month, segment, team order by value asc nulls last, metric asc nulls last
        ) as place_in_team
    from attainments
),

-- A team keeps its word where it keeps all of it, so the least of its promises speaks for it, and
-- the least of both teams' for both.
promises as (
    select
        'commitment_attainment.' || team || '.' || metric as metric,
        month,
        segment,
        'all' as slice_kind,
        'all' as slice,
        n,
        value,
        low,
        high
    from attainments
    union all
    select
        'commitment_attainment' as metric,
        month,
        segment,
        'all' as slice_kind,
        'all' as slice,
        n,
        value,
        low,
        high
    from ranked_attainments
    where place = 1
    union all
    select
        'commitment_attainment' as metric,
        month,
        segment,
        'team' as slice_kind,
        team as slice,
        n,
        value,
        low,
        high
    from ranked_attainments
    where place_in_team = 1
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
    'ok' as status,
    1.0e0 as target
from promises
