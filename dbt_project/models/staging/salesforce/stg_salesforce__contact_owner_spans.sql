with versions as (
    select * from {{ source('bound_salesforce', 'contacts') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ spans_of_api(['owner_id']) }}

select
    source,
    record_key,
    owner_id,
    valid_from,
    valid_to
from spans
