with versions as (
    select * from {{ source('bound_hubspot', 'owners') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ spans_of_api(['team']) }}

select
    source,
    record_key,
    team,
    valid_from,
    valid_to
from spans
