with versions as (
    select * from {{ source('raw_files', 'campaigns') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('campaigns', [
    'record_id', 'name', 'utm', 'channel', 'starts_on', 'ends_on',
], present=[
    'name', 'utm', 'channel', 'starts_on', 'ends_on',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    {{ text('name') }} as name,
    {{ text('utm') }} as utm,
    {{ text('channel') }} as channel,
    starts_on,
    ends_on,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
