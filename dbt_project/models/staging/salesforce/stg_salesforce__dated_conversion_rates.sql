with versions as (
    select * from {{ source('bound_salesforce', 'dated_conversion_rates') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'dated_conversion_rates'), [
    'id', 'iso_code', 'conversion_rate', 'start_date', 'next_start_date', 'created_date',
    'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('iso_code') }} as iso_code,
    conversion_rate,
    start_date,
    next_start_date,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
