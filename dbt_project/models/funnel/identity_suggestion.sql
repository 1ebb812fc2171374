with pairs as (
    select * from {{ source('statistics', 'identity_suggestion') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

persons as (
    select * from {{ ref('input_persons') }}
)

select
    {{ key(['pairs.prospect_id', 'pairs.other_prospect_id']) }} as suggestion_id,
    pairs.probability,
    pairs.agreeing,
    pairs.prospect_id,
    persons.source,
    persons.source_record_id,
    prospects.full_name,
    prospects.email,
    pairs.other_prospect_id,
    other_persons.source as other_source,
    other_persons.source_record_id as other_source_record_id,
    other_prospects.full_name as other_full_name,
    other_prospects.email as other_email
from pairs
left join prospects on pairs.prospect_id = prospects.prospect_id
left join persons on prospects.person_key = persons.person_key
left join prospects as other_prospects on pairs.other_prospect_id = other_prospects.prospect_id
left join persons as other_persons on other_prospects.person_key = other_persons.person_key
