-- The journeys on which known people of both teams worked: whether they were different people, and
-- how it went on from the moment at which both had.
with workers as (
    select * from {{ ref('int_role_worker') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

worked as (
    select
        journey_id,
        min(marketing_since) as marketing_since,
        min(sales_since) as sales_since,
        max(case when marketing_since is not null and sales_since is not null then 1 else 0 end)
            as people_of_both
    from workers
    group by journey_id
),

dated as (
    select
        worked.journey_id,
        coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
        coalesce(journeys.segment, 'unknown') as segment,
        greatest(worked.marketing_since, worked.sales_since) as both_since,
        worked.people_of_both = 0 as is_separate,
        journeys.outcome,
        journeys.excluded_from_cycle,
        case
            when journeys.outcome = 'open' then journeys.as_of
            else coalesce(journeys.won_at, journeys.lost_at, journeys.disqualified_at)
        end as ended_at
    from worked
    inner join journeys on worked.journey_id = journeys.journey_id
    where worked.marketing_since is not null and worked.sales_since is not null
),

counted as (
    select
        dated.journey_id,
        dated.cluster_id,
        dated.segment,
        dated.both_since,
        dated.is_separate,
        dated.outcome,
        dated.excluded_from_cycle,
        {{ days_between(
            local_date('dated.both_since', 'settings.time_zone'),
            local_date('dated.ended_at', 'settings.time_zone')
        ) }} as days,
        settings.segment_by is not null as has_segments
    from dated
    cross join settings
)

select
    journey_id,
    cluster_id,
    segment,
    both_since,
    is_separate,
    cast(case when days >= 0 and not excluded_from_cycle then days end as integer) as days,
    case outcome when 'won' then 1 when 'lost' then 2 when 'disqualified' then 3 else 0 end
        as ended_by,
    has_segments
from counted
