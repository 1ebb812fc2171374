with versions as (
    select * from {{ source('bound_hubspot', 'deals') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'deals'), [
    'id', 'dealname', 'pipeline', 'dealstage', 'deal_currency_code', 'hubspot_owner_id',
    'hs_analytics_source', 'hs_primary_associated_company', 'hs_merged_object_ids',
    'hs_salesforceopportunityid', 'closed_lost_reason', 'closed_won_reason', 'hs_campaign',
    'stages_entered', 'createdate', 'hs_lastmodifieddate', 'closedate', 'archived_at', 'amount',
    'hs_is_closed', 'hs_is_closed_won',
], present=[
    'dealname', 'amount', 'deal_currency_code', 'hubspot_owner_id', 'hs_analytics_source',
    'hs_campaign', 'stages_entered', 'closed_lost_reason', 'closed_won_reason',
], and_then=['closedate'], seen=['dealstage'], modified='hs_lastmodifieddate') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('dealname') }} as dealname,
    {{ text('pipeline') }} as pipeline,
    {{ text('dealstage') }} as dealstage,
    dealstage_seen_at,
    {{ text('deal_currency_code') }} as deal_currency_code,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('hs_analytics_source') }} as hs_analytics_source,
    {{ text('hs_primary_associated_company') }} as hs_primary_associated_company,
    {{ text('hs_merged_object_ids') }} as hs_merged_object_ids,
    {{ text('hs_salesforceopportunityid') }} as hs_salesforceopportunityid,
    {{ text('closed_lost_reason') }} as closed_lost_reason,
    {{ text('closed_won_reason') }} as closed_won_reason,
    {{ text('hs_campaign') }} as hs_campaign,
    {{ text('stages_entered') }} as stages_entered,
    createdate,
    hs_lastmodifieddate,
    closedate,
    closedate_then,
    archived_at,
    amount,
    hs_is_closed,
    hs_is_closed_won,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
