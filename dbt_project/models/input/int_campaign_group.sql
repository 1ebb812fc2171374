-- Which campaigns of several sources are one: those that share a word without a doubt, and so on.
with campaigns as (
    select * from {{ ref('int_campaign_named') }}
),

words as (
    select * from {{ ref('int_campaign_word') }}
),

joining as (
    select
        campaign_key,
        word,
        case rule when 'agreement' then 1 when 'utm' then 2 else 3 end as rule_rank,
        case when rule = 'agreement' then 1 else 0 end as is_agreed
    from words
    where doubt is null
),

firsts as (
    select
        word,
        is_agreed,
        min(campaign_key) as campaign_key
    from joining
    group by word, is_agreed
),

edges as (
    select
        joining.campaign_key as node_a,
        firsts.campaign_key as node_b
    from joining
    inner join firsts
        on joining.word = firsts.word and joining.is_agreed = firsts.is_agreed
),

{{ connected_components(rounds=8) }},

joined as (
    select
        campaign_key,
        min(rule_rank) as rule_rank,
        max(case when is_agreed = 1 then word end) as agreed_name
    from joining
    group by campaign_key
),

doubted as (
    select
        campaign_key,
        min(doubt) as doubt
    from words
    where doubt is not null
    group by campaign_key
),

labelled as (
    select
        campaigns.campaign_key,
        campaigns.source,
        campaigns.record_id,
        campaigns.is_record,
        campaigns.name,
        campaigns.channel,
        joined.agreed_name,
        joined.rule_rank,
        doubted.doubt,
        coalesce(labels.label, campaigns.campaign_key) as label
    from campaigns
    left join labels on campaigns.campaign_key = labels.node
    left join joined on campaigns.campaign_key = joined.campaign_key
    left join doubted on campaigns.campaign_key = doubted.campaign_key
),

records_of_sources as (
    select
        label,
        source,
        sum(case when is_record and agreed_name is null then 1 else 0 end) as records
    from labelled
    group by label, source
),

-- Words that each tell one campaign may together tell several of one source.
contradictory as (
    select label
    from records_of_sources
    group by label
    having max(records) > 1
),

settled as (
    select
        labelled.campaign_key,
        labelled.source,
        labelled.record_id,
        labelled.is_record,
        labelled.name,
        labelled.channel,
        labelled.agreed_name,
        labelled.rule_rank,
        case
            when contradictory.label is not null then 'several_in_a_source'
            else labelled.doubt
        end as doubt,
        case when contradictory.label is null then labelled.label else labelled.campaign_key end
            as label
    from labelled
    left join contradictory on labelled.label = contradictory.label
),

ranked as (
    select
        campaign_key,
        source,
        record_id,
        name,
        channel,
        agreed_name,
        rule_rank,
        doubt,
        label,
        count(*) over (partition by label) as campaigns,
        min(channel) over (partition by label) as least_channel,
        max(channel) over (partition by label) as most_channel,
        row_number() over (
            partition by label
            order by
                case when is_record then 0 else 1 end asc nulls last,
                case when name is null then 1 else 0 end asc nulls last,
                source asc nulls last,
                record_id asc nulls last,
                campaign_key asc nulls last
        ) as place
    from settled
),

leaders as (
    select
        label,
        campaign_key,
        coalesce(agreed_name, name, record_id) as name
    from ranked
    where place = 1
)

select
    ranked.campaign_key,
    leaders.campaign_key as same_as_key,
    leaders.name,
    case
        when ranked.channel is not null then ranked.channel
        when ranked.least_channel = ranked.most_channel then ranked.least_channel
    end as channel,
    case
        when ranked.agreed_name is not null then 'agreement'
        when ranked.campaigns = 1 then 'alone'
        when ranked.rule_rank = 2 then 'utm'
        else 'name'
    end as joined_by,
    case when ranked.agreed_name is null and ranked.campaigns = 1 then ranked.doubt end as doubt
from ranked
inner join leaders on ranked.label = leaders.label
