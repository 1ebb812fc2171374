-- Who began each journey and how it was touched, up to its close.
with journeys as (
    select * from {{ ref('int_journey') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts
),

places as (
    select * from {{ ref('int_journey_event') }}
),

ranked_touches as (
    select
        journey_id,
        team,
        channel,
        campaign_id,
        row_number() over (
            partition by journey_id order by occurred_at asc nulls last, touch_id asc nulls last
        ) as touch_rank,
        row_number() over (
            partition by journey_id
            order by
                case when team = 'marketing' then 0 else 1 end asc nulls last,
                occurred_at asc nulls last, touch_id asc nulls last
        ) as marketing_rank
    from touches
),

touched as (
    select
        journey_id,
        max(case when touch_rank = 1 then team end) as first_team,
        max(case when marketing_rank = 1 then channel end) as first_channel,
        max(case when marketing_rank = 1 then campaign_id end) as first_campaign_id,
        sum(case when team = 'marketing' then 1 else 0 end) as marketing_touches,
        sum(case when team = 'sales' then 1 else 0 end) as sales_touches
    from ranked_touches
    group by journey_id
),

ranked_events as (
    select
        events.journey_id,
        events.team,
        row_number() over (
            partition by events.journey_id order by places.place asc nulls last
        ) as event_rank
    from events
    inner join places on events.event_id = places.event_id
    where events.event in ('stage_entered', 'reopened', 'won')
)

select
    journeys.journey_id,
    coalesce(touched.first_team, ranked_events.team) as origin_team,
    touched.first_channel,
    touched.first_campaign_id,
    cast(coalesce(touched.marketing_touches, 0) as bigint) as marketing_touches,
    cast(coalesce(touched.sales_touches, 0) as bigint) as sales_touches
from journeys
left join touched on journeys.journey_id = touched.journey_id
left join ranked_events
    on journeys.journey_id = ranked_events.journey_id and ranked_events.event_rank = 1
