with persons as (
    select * from {{ ref('int_persons_checked') }}
),

campaigns as (
    select * from {{ ref('int_campaign_group') }}
)

select
    persons.person_key,
    persons.source,
    persons.stream,
    persons.source_record_id,
    persons.email,
    persons.email_normalised,
    persons.email_domain,
    persons.other_emails,
    persons.phone,
    persons.full_name,
    persons.external_id,
    persons.merged_into_key,
    persons.converted_to_key,
    persons.account_key,
    persons.company_name,
    persons.country,
    persons.lead_source,
    coalesce(campaigns.same_as_key, persons.campaign_key) as campaign_key,
    persons.owner_key,
    persons.created_at,
    persons.is_deleted,
    persons.first_loaded_at,
    persons.loaded_at,
    persons.run_id
from persons
left join campaigns on persons.campaign_key = campaigns.campaign_key
where persons.fault_reason is null
