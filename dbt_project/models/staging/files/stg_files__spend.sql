with versions as (
    select * from {{ source('raw_files', 'spend') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('spend', [
    'day', 'channel', 'campaign', 'amount', 'currency',
], told_apart_by=['stream', '_record_id', '_fill']) }}

select
    source,
    stream,
    record_key,
    day,
    {{ text('channel') }} as channel,
    {{ text('campaign') }} as campaign,
    amount,
    upper({{ text('currency') }}) as currency,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
