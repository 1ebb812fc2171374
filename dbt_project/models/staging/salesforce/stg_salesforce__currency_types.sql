with versions as (
    select * from {{ source('bound_salesforce', 'currency_types') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'currency_types'), [
    'id', 'iso_code', 'conversion_rate', 'is_corporate', 'is_active', 'decimal_places',
    'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('iso_code') }} as iso_code,
    conversion_rate,
    is_corporate,
    is_active,
    decimal_places,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
