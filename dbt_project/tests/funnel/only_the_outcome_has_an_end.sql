-- Of won_at, lost_at and disqualified_at at most the outcome's is set, and it is set unless
-- nothing dates it.
with journeys as (
    select * from {{ ref('fct_funnel') }}
)

select journey_id
from journeys
where
    (won_at is not null and outcome <> 'won')
    or (lost_at is not null and outcome <> 'lost')
    or (disqualified_at is not null and outcome <> 'disqualified')
    or (
        outcome <> 'open'
        and coalesce(won_at, lost_at, disqualified_at) is null
        and not excluded_from_cycle
    )
