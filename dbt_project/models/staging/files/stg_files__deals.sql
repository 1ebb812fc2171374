with versions as (
    select * from {{ source('raw_files', 'deals') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('deals', [
    'record_id', 'name', 'account', 'person', 'pipeline', 'stage', 'stage_vocabulary',
    'amount', 'currency', 'owner', 'lead_source', 'campaign', 'created_at', 'closed_at',
    'expected_close_on', 'close_reason',
], present=[
    'name', 'amount', 'currency', 'owner', 'lead_source', 'campaign', 'expected_close_on',
], seen=['stage']) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    cast(null as string) as external_id,
    {{ text('name') }} as name,
    {{ text('account') }} as account,
    {{ text('person') }} as person,
    {{ text('pipeline') }} as pipeline,
    {{ text('stage') }} as stage,
    stage_vocabulary,
    stage_seen_at,
    amount,
    upper({{ text('currency') }}) as currency,
    {{ text('owner') }} as owner,
    {{ text('lead_source') }} as lead_source,
    {{ text('campaign') }} as campaign,
    created_at,
    closed_at,
    expected_close_on,
    {{ text('close_reason') }} as close_reason,
    lake_record_id,
    fill,
    origin,
    first_loaded_at,
    loaded_at,
    run_id,
    is_deleted
from newest_records
