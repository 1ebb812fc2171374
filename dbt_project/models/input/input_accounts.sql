with accounts as (
    select * from {{ ref('int_accounts_checked') }}
)

select
    account_key,
    source,
    source_record_id,
    name,
    domain,
    external_id,
    merged_into_key,
    industry,
    employees,
    country,
    parent_key,
    created_at,
    is_deleted,
    loaded_at,
    run_id
from accounts
where fault_reason is null
