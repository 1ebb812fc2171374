with users as (
    select * from {{ ref('int_users_checked') }}
),

with_next as (
    select
        user_validity_key,
        source,
        source_record_id,
        user_key,
        full_name,
        email,
        role,
        team,
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by user_key
            order by valid_from asc nulls first, user_validity_key asc nulls last
        ) as next_valid_from,
        is_deleted,
        loaded_at,
        run_id
    from users
    where fault_reason is null
)

select
    user_validity_key,
    source,
    source_record_id,
    user_key,
    full_name,
    email,
    role,
    team,
    valid_from,
    case
        when valid_to is null or next_valid_from < valid_to then next_valid_from
        else valid_to
    end as valid_to,
    is_deleted,
    loaded_at,
    run_id
from with_next
