with versions as (
    select * from {{ source('bound_salesforce', 'opportunity_history') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_salesforce', 'opportunity_history'), [
    'id', 'opportunity_id', 'stage_name', 'forecast_category', 'created_by_id',
    'currency_iso_code', 'amount', 'expected_revenue', 'probability', 'close_date',
    'created_date', 'system_modstamp',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('opportunity_id') }} as opportunity_id,
    {{ text('stage_name') }} as stage_name,
    {{ text('forecast_category') }} as forecast_category,
    {{ text('created_by_id') }} as created_by_id,
    {{ text('currency_iso_code') }} as currency_iso_code,
    amount,
    expected_revenue,
    probability,
    close_date,
    created_date,
    system_modstamp,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
