with companies as (
    select * from {{ ref('stg_hubspot__companies') }}
)

select
    source,
    'companies' as stream,
    record_key,
    id as record_id,
    name,
    domain,
    industry,
    numberofemployees as employees,
    country,
    hs_parent_company_id as parent,
    createdate as created_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from companies
