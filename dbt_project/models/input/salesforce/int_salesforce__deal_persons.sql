with roles as (
    select * from {{ ref('stg_salesforce__opportunity_contact_roles') }}
)

select
    source,
    'opportunity_contact_roles' as stream,
    record_key,
    opportunity_id as deal,
    contact_id as person,
    role,
    is_primary,
    origin,
    loaded_at,
    run_id,
    is_deleted
from roles
