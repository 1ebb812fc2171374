with versions as (
    select * from {{ source('bound_salesforce', 'user_roles') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'user_roles'), [
    'id', 'name', 'parent_role_id', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('parent_role_id') }} as parent_role_id,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
