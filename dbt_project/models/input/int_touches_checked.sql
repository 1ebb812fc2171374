with touches as (
    {{ recorded('touches', [
        'source', 'stream', 'record_key', 'record_id', 'person', 'deal', 'occurred_at', 'is_day_only',
        'kind', 'channel', 'campaign', 'content', 'direction', 'is_two_way', 'is_automated', 'team',
        'user', 'origin', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
),

users as (
    select * from {{ ref('input_users') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

channel_words as (
    select * from {{ source('agreement', 'channel_words') }}
),

-- A day is that of the people here: it begins when it begins for them.
timed as (
    select
        touches.*,
        {{ local_midnight('touches.occurred_at', 'settings.time_zone') }} as day_begins_at
    from touches
    cross join settings
),

with_keys as (
    select
        {{ key(['source', 'stream', 'kind', 'record_id']) }} as touch_key,
        source,
        stream,
        record_key,
        record_id,
        {{ reference_key('source', 'person') }} as person_key,
        {{ reference_key('source', 'deal') }} as deal_key,
        case
            when is_day_only and day_begins_at <= loaded_at then day_begins_at
            else occurred_at
        end as occurred_at,
        coalesce(is_day_only, 1 = 0) as is_day_only,
        kind,
        channel,
        campaign,
        {{ reference_key('source', 'campaign') }} as campaign_key,
        content,
        direction,
        coalesce(is_two_way, 1 = 0) as is_two_way,
        coalesce(is_automated, 1 = 0) as is_automated,
        team,
        {{ reference_key('source', 'user') }} as user_key,
        is_deleted,
        origin,
        loaded_at,
        run_id
    from timed
)

select
    touches.touch_key,
    touches.source,
    touches.stream,
    touches.record_key as source_record_id,
    touches.person_key,
    touches.deal_key,
    touches.occurred_at,
    touches.is_day_only,
    touches.kind,
    coalesce(channel_words.channel, touches.channel) as channel,
    touches.campaign,
    touches.campaign_key,
    touches.content,
    touches.direction,
    touches.is_two_way,
    touches.is_automated,
    coalesce(touches.team, users.team) as team,
    touches.user_key,
    touches.is_deleted,
    touches.origin,
    touches.loaded_at,
    touches.run_id,
    {{ fault_columns([
        missing('touches.record_id'),
        missing('touches.occurred_at'),
        missing('touches.kind'),
        unknown_word('touches.direction', ['in', 'out']),
        unknown_word('touches.team', ['marketing', 'sales']),
        in_the_future(
            'touches.occurred_at',
            "case when touches.kind = 'meeting' and clock.as_of > touches.loaded_at"
            ~ " then clock.as_of else touches.loaded_at end"
        ),
    ]) }}
-- A calendar holds a meeting before it takes place, and seldom tells of it again.
from with_keys as touches
cross join clock
left join users
    on
        touches.user_key = users.user_key
        and (users.valid_from is null or touches.occurred_at >= users.valid_from)
        and (users.valid_to is null or touches.occurred_at < users.valid_to)
left join channel_words
    on {{ word('touches.channel') }} = {{ word('channel_words.word') }}
