with versions as (
    select * from {{ source('bound_salesforce', 'users') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'users'), [
    'id', 'name', 'email', 'title', 'department', 'user_role_id', 'user_type', 'is_active',
    'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('email') }} as email,
    {{ text('title') }} as title,
    {{ text('department') }} as department,
    {{ text('user_role_id') }} as user_role_id,
    {{ text('user_type') }} as user_type,
    is_active,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
