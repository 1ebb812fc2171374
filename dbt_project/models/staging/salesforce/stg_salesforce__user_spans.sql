with versions as (
    select * from {{ source('bound_salesforce', 'users') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ spans_of_api(['user_role_id', 'title']) }}

select
    source,
    record_key,
    user_role_id,
    title,
    valid_from,
    valid_to
from spans
