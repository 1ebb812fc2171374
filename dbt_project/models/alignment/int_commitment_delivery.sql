-- What each team delivered of each volume that it promised, one by one.
with commitments as (
    select * from {{ source('agreement', 'commitments') }}
    where per_month is not null
),

volumes as (
    select * from {{ ref('int_volume_event') }}
),

-- Two promises of one volume in force on a day are delivered on once.
delivered as (
    select
        commitments.team,
        commitments.metric,
        coalesce(commitments.segment, 'all') as segment,
        volumes.journey_id,
        max(volumes.deal_id) as deal_id,
        max(volumes.cluster_id) as cluster_id,
        max(volumes.occurred_at) as occurred_at,
        max(volumes.day) as day,
        max(volumes.quantity) as quantity
    from commitments
    inner join volumes
        on
            commitments.metric = volumes.metric
            and (commitments.segment is null or commitments.segment = volumes.segment)
            and (commitments.from_day is null or commitments.from_day <= volumes.day)
            and (commitments.to_day is null or commitments.to_day >= volumes.day)
    group by
        commitments.team,
        commitments.metric,
        coalesce(commitments.segment, 'all'),
        volumes.journey_id
)

select
    cast(date_trunc('month', day) as date) as month,
    segment,
    team,
    metric,
    journey_id,
    deal_id,
    cluster_id,
    occurred_at,
    quantity
from delivered
