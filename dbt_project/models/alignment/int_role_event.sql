-- What separation of roles counts: journeys, in the month in which both teams had worked on them.
with worked as (
    select * from {{ ref('int_role_journey') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

told as (
    select
        worked.journey_id,
        worked.both_since,
        worked.segment,
        worked.is_separate,
        journeys.deal_id,
        coalesce(deals.owner_id, prospects.owner_id) as owner_id,
        coalesce(deals.lead_source, prospects.lead_source, 'unknown') as source
    from worked
    inner join journeys on worked.journey_id = journeys.journey_id
    left join deals on journeys.deal_id = deals.deal_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
)

select
    'role_separation' as metric,
    told.journey_id as event_id,
    {{ local_month('told.both_since', 'settings.time_zone') }} as month,
    told.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(told.owner_id, 'unknown') as owner,
    told.source,
    told.journey_id,
    told.deal_id,
    told.is_separate as in_numerator
from told
cross join settings
left join users
    on
        told.owner_id = users.user_key
        and (users.valid_from is null or told.both_since >= users.valid_from)
        and (users.valid_to is null or told.both_since < users.valid_to)
