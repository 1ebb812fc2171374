-- Salesforce keeps no history of roles: a user's present role is the role of all time.
with users as (
    select * from {{ ref('stg_salesforce__users') }}
),

roles as (
    select * from {{ ref('stg_salesforce__user_roles') }}
)

select
    users.source,
    'users' as stream,
    users.record_key,
    users.id as record_id,
    users.name as full_name,
    users.email,
    coalesce(roles.name, users.title) as role,
    users.source || '.users.role' as role_vocabulary,
    cast(null as timestamp) as valid_from,
    cast(null as timestamp) as valid_to,
    users.origin,
    users.loaded_at,
    users.run_id,
    users.is_deleted
from users
left join roles
    on users.source = roles.source and users.user_role_id = roles.id
