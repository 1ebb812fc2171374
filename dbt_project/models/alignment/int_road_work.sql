-- What each team did in this quarter for the deals of now, and for those of the road ahead.
with touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close and team in ('marketing', 'sales')
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

quarters as (
    select * from {{ ref('int_road_quarter') }}
    where quarter_ahead = 0
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

local_touches as (
    select
        touches.journey_id,
        touches.occurred_at,
        {{ local_date('touches.occurred_at', 'settings.time_zone') }} as day,
        touches.team,
        touches.channel,
        touches.campaign_id
    from touches
    cross join settings
),

-- A contact of a deal is a prospect no more once the deal is an opportunity.
placed as (
    select
        coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
        coalesce(journeys.segment, 'unknown') as segment,
        local_touches.team,
        coalesce(
            local_touches.occurred_at
            >= coalesce(primaries.opportunity_at, journeys.opportunity_at),
            1 = 0
        ) as is_on_open_deal,
        cast(date_trunc('month', local_touches.day) as date) as month,
        local_touches.channel,
        local_touches.campaign_id
    from local_touches
    inner join quarters
        on
            local_touches.day >= quarters.starts_on
            and local_touches.day <= quarters.ends_on
    inner join journeys on local_touches.journey_id = journeys.journey_id
    left join deals on journeys.member_of_deal_id = deals.deal_id
    left join journeys as primaries on deals.journey_id = primaries.journey_id
)

select
    placed.cluster_id,
    placed.segment,
    placed.team,
    placed.is_on_open_deal,
    placed.month,
    placed.channel,
    placed.campaign_id,
    cast(count(*) as bigint) as touches,
    settings.segment_by is not null as has_segments
from placed
cross join settings
group by
    placed.cluster_id,
    placed.segment,
    placed.team,
    placed.is_on_open_deal,
    placed.month,
    placed.channel,
    placed.campaign_id,
    settings.segment_by
