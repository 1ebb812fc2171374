with users as (
    select * from {{ ref('input_users') }}
),

ranked as (
    select
        user_key,
        full_name,
        email,
        role,
        team,
        source,
        is_deleted,
        count(*) over (partition by user_key) as n_spans,
        row_number() over (
            partition by user_key
            order by valid_from desc nulls last, user_validity_key asc nulls last
        ) as span_rank
    from users
)

select
    user_key as user_id,
    full_name,
    email,
    role,
    team,
    n_spans,
    source,
    is_deleted
from ranked
where span_rank = 1
