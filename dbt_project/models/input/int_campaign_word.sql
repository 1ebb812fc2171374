-- What each campaign is called, and whether it is one with all others that are called so.
with campaigns as (
    select * from {{ ref('int_campaign_named') }}
),

agreed_words as (
    select * from {{ source('agreement', 'campaign_words') }}
),

-- What is named without a record is a link's utm_campaign, as far as anybody can tell.
called as (
    select
        campaign_key,
        source,
        is_record,
        channel,
        case when is_record then 3 else 1 end as kind_rank,
        {{ campaign_word('record_id') }} as word
    from campaigns
    union all
    select
        campaign_key,
        source,
        is_record,
        channel,
        1 as kind_rank,
        {{ campaign_word('utm') }} as word
    from campaigns
    union all
    select
        campaign_key,
        source,
        is_record,
        channel,
        2 as kind_rank,
        {{ campaign_word('name') }} as word
    from campaigns
),

words as (
    select
        campaign_key,
        source,
        is_record,
        channel,
        word,
        min(kind_rank) as kind_rank
    from called
    where word is not null
    group by campaign_key, source, is_record, channel, word
),

agreed as (
    select
        words.campaign_key,
        min(agreed_words.campaign) as campaign
    from words
    inner join agreed_words on words.word = {{ campaign_word('agreed_words.word') }}
    group by words.campaign_key
),

-- What the agreement lists is that campaign and no other, whatever else it is called.
unlisted as (
    select
        words.campaign_key,
        words.source,
        words.is_record,
        words.channel,
        words.word,
        words.kind_rank
    from words
    left join agreed on words.campaign_key = agreed.campaign_key
    where agreed.campaign_key is null
),

by_source as (
    select
        word,
        source,
        count(*) as campaigns,
        sum(case when is_record then 1 else 0 end) as records,
        min(kind_rank) as kind_rank,
        min(channel) as least_channel,
        max(channel) as most_channel
    from unlisted
    group by word, source
),

judged as (
    select
        word,
        min(kind_rank) as kind_rank,
        sum(campaigns) as campaigns,
        case
            when max(records) > 1 then 'several_in_a_source'
            when min(kind_rank) > 1 and min(least_channel) <> max(most_channel)
                then 'other_channel'
        end as doubt
    from by_source
    group by word
)

-- Two systems number their campaigns as they please: equal ids alone say nothing.
select
    unlisted.campaign_key,
    unlisted.word,
    case when judged.kind_rank = 1 then 'utm' else 'name' end as rule,
    judged.doubt
from unlisted
inner join judged on unlisted.word = judged.word
where judged.campaigns > 1 and judged.kind_rank < 3
union all
select
    campaign_key,
    campaign as word,
    'agreement' as rule,
    cast(null as string) as doubt
from agreed
