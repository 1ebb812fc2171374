with leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
)

select
    source,
    'leads' as stream,
    record_key,
    id as record_id,
    email,
    cast(null as string) as other_emails,
    coalesce(phone, mobile_phone) as phone,
    nullif(
        trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''
    ) as full_name,
    substr(id, 1, 15) as external_id,
    master_record_id as merged_into,
    converted_contact_id as converted_to,
    converted_account_id as account,
    company as company_name,
    country,
    lead_source,
    cast(null as string) as campaign,
    owner_id as owner,
    created_date as created_at,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from leads
union all
select
    source,
    'contacts' as stream,
    record_key,
    id as record_id,
    email,
    cast(null as string) as other_emails,
    coalesce(phone, mobile_phone) as phone,
    nullif(
        trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''
    ) as full_name,
    substr(id, 1, 15) as external_id,
    master_record_id as merged_into,
    cast(null as string) as converted_to,
    account_id as account,
    cast(null as string) as company_name,
    mailing_country as country,
    lead_source,
    cast(null as string) as campaign,
    owner_id as owner,
    created_date as created_at,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from contacts
