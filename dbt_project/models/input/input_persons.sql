with persons as (
    select * from {{ ref('int_persons_checked') }}
)

select
    person_key,
    source,
    stream,
    source_record_id,
    email,
    email_normalised,
    email_domain,
    other_emails,
    phone,
    full_name,
    external_id,
    merged_into_key,
    converted_to_key,
    account_key,
    company_name,
    country,
    lead_source,
    campaign_key,
    owner_key,
    created_at,
    is_deleted,
    first_loaded_at,
    loaded_at,
    run_id
from persons
where fault_reason is null
