with versions as (
    select * from {{ source('raw_files', 'touches') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('touches', [
    'record_id', 'person', 'deal', 'occurred_at', 'is_day_only', 'kind', 'channel', 'campaign',
    'content', 'direction', 'is_two_way', 'is_automated', 'team', 'user',
], told_apart_by=['stream', 'lower(trim(kind))', 'record_key']) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    {{ text('person') }} as person,
    {{ text('deal') }} as deal,
    occurred_at,
    is_day_only,
    lower({{ text('kind') }}) as kind,
    {{ text('channel') }} as channel,
    {{ text('campaign') }} as campaign,
    {{ text('content') }} as content,
    lower({{ text('direction') }}) as direction,
    is_two_way,
    is_automated,
    lower({{ text('team') }}) as team,
    {{ text('user') }} as user,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
