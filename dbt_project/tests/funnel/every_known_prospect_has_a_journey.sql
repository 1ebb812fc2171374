-- Every prospect that is known by as_of has at least one journey.
with links as (
    select * from {{ ref('int_person_link') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select persons.person_key
from persons
cross join clock
left join links on persons.person_key = links.person_key
left join journeys on links.prospect_id = journeys.prospect_id
where
    (persons.created_at is null or persons.created_at <= clock.as_of)
    and journeys.journey_id is null
