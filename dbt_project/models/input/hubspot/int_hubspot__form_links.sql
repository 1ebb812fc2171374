-- What the address of the page tells of how whoever submitted a form came there.
with submissions as (
    select * from {{ ref('stg_hubspot__form_submissions') }}
    where page_url like '%?%'
),

rules as (
    select * from {{ source('agreement', 'channel_rules') }}
),

links as (
    select
        source,
        record_key,
        {{ link_says('page_url', 'utm_campaign') }} as campaign,
        {{ link_says('page_url', 'utm_content') }} as content,
        lower({{ link_says('page_url', 'utm_medium') }}) as medium,
        lower({{ link_says('page_url', 'utm_source') }}) as link_source,
        lower(replace(page_url, '?', '&')) as query
    from submissions
),

click_ids as (
    select
        position,
        channel,
        click_id
    from rules
    where click_id is not null
),

fitting as (
    select
        links.source,
        links.record_key,
        rules.position,
        rules.channel
    from links
    inner join rules on links.medium = rules.medium
    where rules.link_source is null or links.link_source = rules.link_source
    union all
    select
        links.source,
        links.record_key,
        rules.position,
        rules.channel
    from links
    inner join rules on links.link_source = rules.link_source
    where rules.medium is null
    union all
    select
        links.source,
        links.record_key,
        click_ids.position,
        click_ids.channel
    from links
    inner join click_ids
        on
            links.query like '%&' || click_ids.click_id || '=_%'
            -- A click id that is named and empty tells of no click.
            and links.query not like '%&' || click_ids.click_id || '=&%'
            and links.query not like '%&' || click_ids.click_id || '=#%'
),

first_fitting as (
    select
        source,
        record_key,
        channel,
        row_number() over (
            partition by source, record_key order by position asc nulls last
        ) as place
    from fitting
)

select
    links.source,
    links.record_key,
    links.campaign,
    links.content,
    first_fitting.channel
from links
left join first_fitting
    on
        links.source = first_fitting.source
        and links.record_key = first_fitting.record_key
        and first_fitting.place = 1
