with versions as (
    select * from {{ source('bound_hubspot', 'campaign_spend') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'campaign_spend'), [
    'campaign_id', 'id', 'name', 'description', 'created_at', 'updated_at', 'amount',
    'item_order',
]) }}

select
    source,
    record_key,
    {{ text('campaign_id') }} as campaign_id,
    {{ text('id') }} as id,
    {{ text('name') }} as name,
    {{ text('description') }} as description,
    created_at,
    updated_at,
    amount,
    item_order,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
