with campaigns as (
    {{ recorded('campaigns', [
        'source', 'stream', 'record_key', 'record_id', 'name', 'utm', 'channel',
        'starts_on', 'ends_on', 'origin', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
),

channel_words as (
    select * from {{ source('agreement', 'channel_words') }}
)

select
    {{ key(['campaigns.source', 'campaigns.record_id']) }} as campaign_key,
    campaigns.source,
    campaigns.stream,
    campaigns.record_key as source_record_id,
    campaigns.record_id,
    campaigns.name,
    campaigns.utm,
    coalesce(channel_words.channel, campaigns.channel) as channel,
    campaigns.starts_on,
    campaigns.ends_on,
    campaigns.is_deleted,
    campaigns.origin,
    campaigns.loaded_at,
    campaigns.run_id,
    {{ fault_columns([missing('campaigns.record_id')]) }}
from campaigns
left join channel_words
    on {{ word('campaigns.channel') }} = {{ word('channel_words.word') }}
