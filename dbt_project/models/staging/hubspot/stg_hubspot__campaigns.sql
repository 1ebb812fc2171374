with versions as (
    select * from {{ source('bound_hubspot', 'campaigns') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'campaigns'), [
    'id', 'hs_name', 'hs_campaign_status', 'hs_currency_code', 'hs_owner', 'hs_utm',
    'hs_audience', 'created_at', 'updated_at', 'hs_budget_items_sum_amount',
    'hs_spend_items_sum_amount', 'hs_start_date', 'hs_end_date',
], present=[
    'hs_name', 'hs_campaign_status', 'hs_currency_code', 'hs_owner', 'hs_utm', 'hs_audience',
    'hs_budget_items_sum_amount', 'hs_spend_items_sum_amount', 'hs_start_date', 'hs_end_date',
], modified='updated_at') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('hs_name') }} as hs_name,
    {{ text('hs_campaign_status') }} as hs_campaign_status,
    {{ text('hs_currency_code') }} as hs_currency_code,
    {{ text('hs_owner') }} as hs_owner,
    {{ text('hs_utm') }} as hs_utm,
    {{ text('hs_audience') }} as hs_audience,
    created_at,
    updated_at,
    hs_budget_items_sum_amount,
    hs_spend_items_sum_amount,
    hs_start_date,
    hs_end_date,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
