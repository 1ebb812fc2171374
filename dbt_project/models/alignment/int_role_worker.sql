-- Which person did whose work on a journey: the touches in it, and in those of the deal's contacts.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close and user_id is not null and team in ('marketing', 'sales')
),

users as (
    select * from {{ ref('dim_user') }}
),

-- One person is a user of each system that knows the address.
people as (
    select
        user_id,
        min(user_id) over (partition by coalesce(email, user_id)) as person_id
    from users
),

worked as (
    select
        coalesce(deals.journey_id, journeys.journey_id) as journey_id,
        coalesce(people.person_id, touches.user_id) as person_id,
        touches.team,
        touches.occurred_at
    from touches
    inner join journeys on touches.journey_id = journeys.journey_id
    left join deals on journeys.member_of_deal_id = deals.deal_id
    left join people on touches.user_id = people.user_id
)

select
    journey_id,
    person_id,
    min(case when team = 'marketing' then occurred_at end) as marketing_since,
    min(case when team = 'sales' then occurred_at end) as sales_since
from worked
group by journey_id, person_id
