with accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
)

select
    source,
    'accounts' as stream,
    record_key,
    id as record_id,
    name,
    website as domain,
    id as external_id,
    master_record_id as merged_into,
    industry,
    number_of_employees as employees,
    billing_country as country,
    parent_id as parent,
    created_date as created_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from accounts
