-- From when on the sources of each journey are complete, and whether all of its records were
-- loaded by as_of.
with journeys as (
    select * from {{ ref('int_journey') }}
),

links as (
    select * from {{ ref('int_person_link') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

sources as (
    select * from {{ source('bound', 'sources') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

records as (
    select
        journeys.journey_id,
        persons.source,
        case when persons.first_loaded_at <= clock.as_of then 1 else 0 end as is_exact
    from journeys
    inner join links on journeys.prospect_id = links.prospect_id
    inner join persons on links.person_key = persons.person_key
    cross join clock
    union all
    select
        journeys.journey_id,
        deals.source,
        case when deals.as_of_exact then 1 else 0 end as is_exact
    from journeys
    inner join deals on journeys.deal_id = deals.deal_id
)

select
    records.journey_id,
    max(sources.observed_from) as observed_from,
    min(records.is_exact) = 1 as as_of_exact
from records
left join sources on records.source = sources.source
group by records.journey_id
