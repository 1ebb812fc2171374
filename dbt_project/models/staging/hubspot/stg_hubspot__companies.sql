with versions as (
    select * from {{ source('bound_hubspot', 'companies') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'companies'), [
    'id', 'name', 'domain', 'hs_additional_domains', 'industry', 'country',
    'hs_parent_company_id', 'hs_merged_object_ids', 'hubspot_owner_id', 'salesforceaccountid',
    'createdate', 'hs_lastmodifieddate', 'archived_at', 'numberofemployees',
], present=[
    'name', 'industry', 'country', 'hubspot_owner_id', 'numberofemployees',
], modified='hs_lastmodifieddate') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('domain') }} as domain,
    {{ text('hs_additional_domains') }} as hs_additional_domains,
    {{ text('industry') }} as industry,
    {{ text('country') }} as country,
    {{ text('hs_parent_company_id') }} as hs_parent_company_id,
    {{ text('hs_merged_object_ids') }} as hs_merged_object_ids,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('salesforceaccountid') }} as salesforceaccountid,
    createdate,
    hs_lastmodifieddate,
    archived_at,
    numberofemployees,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
