-- How each deal began: the first touch, and the first that sales did, up to its first milestone.
with conversions as (
    select * from {{ ref('int_conversion') }}
    where
        conversion in ('opportunity', 'won')
        and conversion_seq = 1
        and deal_id is not null
        and converted_at is not null
),

contacts as (
    select * from {{ ref('bridge_deal_prospect') }}
),

deal_touches as (
    select * from {{ ref('int_deal_touch') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
),

spans as (
    select * from {{ ref('int_journey_span') }}
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and team = 'sales'
),

milestones as (
    select
        deal_id,
        journey_id,
        max(case when conversion = 'opportunity' then converted_at end) as opportunity_at,
        max(case when conversion = 'won' then converted_at end) as won_at,
        min(converted_at) as began_at
    from conversions
    group by deal_id, journey_id
),

-- The journeys that carry the deal: its primary one, and those of its other contacts.
carriers as (
    select
        deal_id,
        journey_id
    from milestones
    union
    select
        milestones.deal_id,
        contacts.journey_id
    from milestones
    inner join contacts on milestones.deal_id = contacts.deal_id
),

passes as (
    select
        journey_id,
        min(opened_at) as opened_at,
        case when count(closed_at) = count(*) then max(closed_at) end as closed_at
    from spans
    group by journey_id
),

-- What belongs to a pass that was over before this one opened has brought another deal, or none.
path as (
    select
        milestones.deal_id,
        deal_touches.touch_id,
        deal_touches.occurred_at,
        deal_touches.team,
        deal_touches.channel,
        deal_touches.campaign_id,
        touches.kind,
        row_number() over (
            partition by milestones.deal_id
            order by deal_touches.occurred_at asc nulls last, deal_touches.touch_id asc nulls last
        ) as place
    from milestones
    inner join deal_touches
        on
            milestones.deal_id = deal_touches.deal_id
            and milestones.began_at >= deal_touches.occurred_at
    inner join touches on deal_touches.touch_id = touches.touch_id
    left join passes as own_pass on milestones.journey_id = own_pass.journey_id
    left join passes as touched_pass on touches.journey_id = touched_pass.journey_id
    left join carriers
        on
            milestones.deal_id = carriers.deal_id
            and touches.journey_id = carriers.journey_id
    where
        carriers.journey_id is not null
        or touched_pass.closed_at is null
        or own_pass.opened_at is null
        or touched_pass.closed_at > own_pass.opened_at
),

firsts as (
    select
        deal_id,
        max(case when place = 1 then touch_id end) as first_touch_id,
        max(case when place = 1 then occurred_at end) as first_touch_at,
        max(case when place = 1 then team end) as first_touch_team,
        max(case when place = 1 then channel end) as first_touch_channel,
        max(case when place = 1 then kind end) as first_touch_kind,
        max(case when place = 1 then campaign_id end) as first_touch_campaign_id,
        min(case when team = 'marketing' then occurred_at end) as first_marketing_touch_at
    from path
    group by deal_id
),

-- Sales does not log every call, but the stages that it enters tell that it was there.
activities as (
    select
        deal_id,
        occurred_at,
        kind as activity,
        touch_id as activity_id
    from path
    where team = 'sales'
    union all
    select
        milestones.deal_id,
        events.occurred_at,
        events.event || ' ' || events.stage as activity,
        events.event_id as activity_id
    from milestones
    inner join carriers on milestones.deal_id = carriers.deal_id
    inner join events
        on
            carriers.journey_id = events.journey_id
            and milestones.began_at >= events.occurred_at
),

ranked_activities as (
    select
        deal_id,
        occurred_at,
        activity,
        row_number() over (
            partition by deal_id
            order by
                occurred_at asc nulls last, activity asc nulls last, activity_id asc nulls last
        ) as place
    from activities
),

known_contacts as (
    select
        deal_id,
        count(*) as n_contacts
    from contacts
    group by deal_id
)

select
    milestones.deal_id,
    milestones.journey_id,
    milestones.opportunity_at,
    milestones.won_at,
    milestones.began_at,
    known_contacts.n_contacts is not null as has_contact,
    firsts.first_touch_id,
    firsts.first_touch_at,
    firsts.first_touch_team,
    firsts.first_touch_channel,
    firsts.first_touch_kind,
    firsts.first_touch_campaign_id,
    firsts.first_marketing_touch_at,
    ranked_activities.occurred_at as first_sales_at,
    ranked_activities.activity as first_sales_activity
from milestones
left join known_contacts on milestones.deal_id = known_contacts.deal_id
left join firsts on milestones.deal_id = firsts.deal_id
left join ranked_activities
    on milestones.deal_id = ranked_activities.deal_id and ranked_activities.place = 1
