with versions as (
    select * from {{ source('bound_salesforce', 'user_roles') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ spans_of_api(['name']) }}

select
    source,
    record_key,
    name,
    valid_from,
    valid_to
from spans
