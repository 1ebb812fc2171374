-- Salesforce keeps no history of roles: a user has the role that the newest load by then has found.
with users as (
    select * from {{ ref('stg_salesforce__users') }}
),

user_spans as (
    select * from {{ ref('stg_salesforce__user_spans') }}
),

role_spans as (
    select * from {{ ref('stg_salesforce__user_role_spans') }}
),

-- A role that is renamed changes that of everybody who has it.
named_roles as (
    select
        user_spans.source,
        user_spans.record_key,
        coalesce(role_spans.name, user_spans.title) as role,
        coalesce(
            greatest(user_spans.valid_from, role_spans.valid_from),
            user_spans.valid_from,
            role_spans.valid_from
        ) as since
    from user_spans
    left join role_spans
        on
            user_spans.source = role_spans.source
            and user_spans.user_role_id = role_spans.record_key
            and (
                user_spans.valid_to is null
                or role_spans.valid_from is null
                or user_spans.valid_to > role_spans.valid_from
            )
            and (
                role_spans.valid_to is null
                or user_spans.valid_from is null
                or user_spans.valid_from < role_spans.valid_to
            )
),

{{ spans_of_values('named_roles', ['role']) }}

select
    users.source,
    'users' as stream,
    {{ span_key('users.record_key', 'spans.valid_from') }} as record_key,
    users.id as record_id,
    users.name as full_name,
    users.email,
    spans.role,
    users.source || '.users.role' as role_vocabulary,
    spans.valid_from,
    spans.valid_to,
    users.origin,
    users.loaded_at,
    users.run_id,
    users.is_deleted
from users
inner join spans on users.source = spans.source and users.record_key = spans.record_key
