-- Those who do the work of both teams on one journey, and what comes of it beside the rest.
with found as (
    select * from {{ source('statistics', 'role_overlap') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    found.segment,
    found.done_by,
    found.person_id,
    coalesce(users.full_name, users.email, found.person_id) as person_name,
    found.journeys,
    found.won,
    found.open_journeys,
    found.n,
    found.share_won,
    found.share_won_low,
    found.share_won_high,
    found.median_days,
    found.median_days_low,
    found.median_days_high,
    found.horizon_days,
    found.status,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from found
cross join clock
left join users on found.person_id = users.user_id
