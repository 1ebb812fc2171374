with versions as (
    select * from {{ source('raw_files', 'persons') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('persons', [
    'record_id', 'email', 'other_emails', 'phone', 'full_name', 'external_id', 'merged_into',
    'converted_to', 'account', 'company_name', 'country', 'lead_source', 'campaign', 'owner', 'created_at',
], present=[
    'full_name', 'company_name', 'country', 'lead_source', 'campaign', 'owner',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    {{ text('email') }} as email,
    {{ text('other_emails') }} as other_emails,
    {{ text('phone') }} as phone,
    {{ text('full_name') }} as full_name,
    {{ text('external_id') }} as external_id,
    {{ text('merged_into') }} as merged_into,
    {{ text('converted_to') }} as converted_to,
    {{ text('account') }} as account,
    {{ text('company_name') }} as company_name,
    {{ text('country') }} as country,
    {{ text('lead_source') }} as lead_source,
    {{ text('campaign') }} as campaign,
    {{ text('owner') }} as owner,
    created_at,
    lake_record_id,
    fill,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
