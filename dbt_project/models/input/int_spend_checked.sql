with spend as (
    {{ recorded('spend', [
        'source', 'stream', 'record_key', 'lake_record_id', 'fill', 'day', 'channel',
        'campaign', 'amount', 'currency', 'origin', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
),

channel_words as (
    select * from {{ source('agreement', 'channel_words') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

with_keys as (
    select
        {{ key(['spend.source', 'spend.stream', 'spend.lake_record_id', 'spend.fill']) }}
            as spend_key,
        spend.source,
        spend.stream,
        spend.record_key,
        spend.day,
        spend.channel,
        spend.campaign,
        {{ reference_key('spend.source', 'spend.campaign') }} as campaign_key,
        spend.amount,
        spend.currency,
        spend.is_deleted,
        spend.origin,
        spend.loaded_at,
        {{ local_date('spend.loaded_at', 'settings.time_zone') }} as loaded_on,
        spend.run_id
    from spend
    cross join settings
)

select
    spend.spend_key,
    spend.source,
    spend.stream,
    spend.record_key as source_record_id,
    spend.day,
    coalesce(channel_words.channel, spend.channel) as channel,
    spend.campaign,
    spend.campaign_key,
    spend.amount,
    spend.currency,
    spend.is_deleted,
    spend.origin,
    spend.loaded_at,
    spend.run_id,
    {{ fault_columns([
        missing('spend.day'),
        missing('spend.amount'),
        in_the_future('spend.day', 'spend.loaded_on'),
    ]) }}
from with_keys as spend
left join channel_words
    on {{ word('spend.channel') }} = {{ word('channel_words.word') }}
