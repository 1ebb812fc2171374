with versions as (
    select * from {{ source('bound_hubspot', 'campaign_assets') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'campaign_assets'), [
    'campaign_id', 'asset_type', 'asset_id', 'name',
]) }}

select
    source,
    record_key,
    {{ text('campaign_id') }} as campaign_id,
    {{ text('asset_type') }} as asset_type,
    {{ text('asset_id') }} as asset_id,
    {{ text('name') }} as name,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
