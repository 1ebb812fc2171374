-- By what each handoff is sliced, and to which account it belongs.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
)

select
    handoffs.handoff_id,
    handoffs.journey_id,
    {{ local_month('handoffs.handed_at', 'settings.time_zone') }} as month,
    journeys.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(handoffs.owner_id, 'unknown') as owner,
    coalesce(prospects.lead_source, 'unknown') as source,
    coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id
from handoffs
inner join journeys on handoffs.journey_id = journeys.journey_id
cross join settings
left join prospects on journeys.prospect_id = prospects.prospect_id
left join users
    on
        handoffs.owner_id = users.user_key
        and (users.valid_from is null or handoffs.handed_at >= users.valid_from)
        and (users.valid_to is null or handoffs.handed_at < users.valid_to)
