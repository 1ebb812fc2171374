with versions as (
    select * from {{ source('bound_hubspot', 'contacts') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'contacts'), [
    'id', 'email', 'hs_additional_emails', 'firstname', 'lastname', 'phone', 'mobilephone',
    'company', 'country', 'lifecyclestage', 'hs_lead_status', 'hubspot_owner_id',
    'associatedcompanyid', 'hs_merged_object_ids', 'hs_analytics_source',
    'hs_analytics_source_data_1', 'hs_latest_source', 'salesforceleadid',
    'salesforcecontactid', 'stages_entered', 'disqualification_reason', 'createdate',
    'lastmodifieddate', 'archived_at',
], present=[
    'firstname', 'lastname', 'company', 'country', 'hubspot_owner_id', 'hs_analytics_source',
    'hs_analytics_source_data_1', 'hs_latest_source', 'stages_entered', 'disqualification_reason',
], seen=['lifecyclestage', 'hs_lead_status'], modified='lastmodifieddate') }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('email') }} as email,
    {{ text('hs_additional_emails') }} as hs_additional_emails,
    {{ text('firstname') }} as firstname,
    {{ text('lastname') }} as lastname,
    {{ text('phone') }} as phone,
    {{ text('mobilephone') }} as mobilephone,
    {{ text('company') }} as company,
    {{ text('country') }} as country,
    {{ text('lifecyclestage') }} as lifecyclestage,
    lifecyclestage_seen_at,
    {{ text('hs_lead_status') }} as hs_lead_status,
    hs_lead_status_seen_at,
    {{ text('hubspot_owner_id') }} as hubspot_owner_id,
    {{ text('associatedcompanyid') }} as associatedcompanyid,
    {{ text('hs_merged_object_ids') }} as hs_merged_object_ids,
    {{ text('hs_analytics_source') }} as hs_analytics_source,
    {{ text('hs_analytics_source_data_1') }} as hs_analytics_source_data_1,
    {{ text('hs_latest_source') }} as hs_latest_source,
    {{ text('salesforceleadid') }} as salesforceleadid,
    {{ text('salesforcecontactid') }} as salesforcecontactid,
    {{ text('stages_entered') }} as stages_entered,
    {{ text('disqualification_reason') }} as disqualification_reason,
    createdate,
    lastmodifieddate,
    archived_at,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
