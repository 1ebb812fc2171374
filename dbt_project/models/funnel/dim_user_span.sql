with users as (
    select * from {{ ref('input_users') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    users.user_validity_key as user_span_id,
    users.user_key as user_id,
    users.valid_from,
    users.valid_to,
    users.role,
    users.team,
    (users.valid_from is null or users.valid_from <= clock.as_of)
    and (users.valid_to is null or users.valid_to > clock.as_of) as is_current
from users
cross join clock
