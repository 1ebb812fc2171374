with contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

-- A survivor names the records that were merged into it, those of earlier merges too.
merged_parts as (
    select
        source,
        id as survivor,
        {{ split_to_rows('hs_merged_object_ids', "';'") }} as loser
    from contacts
    where hs_merged_object_ids is not null and not is_deleted
),

survivors as (
    select
        source,
        trim(loser) as loser,
        min(survivor) as survivor
    from merged_parts
    group by source, trim(loser)
)

select
    contacts.source,
    'contacts' as stream,
    contacts.record_key,
    contacts.id as record_id,
    contacts.email,
    contacts.hs_additional_emails as other_emails,
    coalesce(contacts.phone, contacts.mobilephone) as phone,
    nullif(
        trim(coalesce(contacts.firstname, '') || ' ' || coalesce(contacts.lastname, '')), ''
    ) as full_name,
    -- An id of Salesforce has 15 characters, and three more that only check them.
    substr(coalesce(contacts.salesforcecontactid, contacts.salesforceleadid), 1, 15)
        as external_id,
    survivors.survivor as merged_into,
    cast(null as string) as converted_to,
    contacts.associatedcompanyid as account,
    contacts.company as company_name,
    contacts.country,
    contacts.hs_analytics_source as lead_source,
    cast(null as string) as campaign,
    contacts.hubspot_owner_id as owner,
    contacts.createdate as created_at,
    contacts.origin,
    contacts.first_loaded_at,
    contacts.loaded_at,
    contacts.run_id,
    contacts.is_deleted
from contacts
left join survivors
    on contacts.source = survivors.source and contacts.id = survivors.loser
