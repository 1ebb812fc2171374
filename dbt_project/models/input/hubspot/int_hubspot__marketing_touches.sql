-- What prospects did with forms, mail and events; who they are, an address tells.
with submissions as (
    select * from {{ ref('stg_hubspot__form_submissions') }}
),

participations as (
    select * from {{ ref('stg_hubspot__marketing_event_participations') }}
),

events as (
    select * from {{ ref('stg_hubspot__marketing_events') }}
),

email_events as (
    select * from {{ ref('stg_hubspot__email_events') }}
),

marketing_emails as (
    select * from {{ ref('stg_hubspot__marketing_emails') }}
),

assets as (
    select * from {{ ref('stg_hubspot__campaign_assets') }}
),

links as (
    select * from {{ ref('int_hubspot__form_links') }}
),

forms as (
    select * from {{ ref('stg_hubspot__forms') }}
),

contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

-- A contact keeps the addresses of those that were merged into it.
further_addresses as (
    select
        source,
        id,
        {{ split_to_rows('hs_additional_emails', "';'") }} as email
    from contacts
    where hs_additional_emails is not null and not is_deleted
),

told_addresses as (
    select
        source,
        lower(email) as email,
        id as first_of,
        cast(null as string) as further_of
    from contacts
    where email is not null and not is_deleted
    union all
    select
        source,
        lower(trim(email)) as email,
        cast(null as string) as first_of,
        id as further_of
    from further_addresses
    where trim(email) <> ''
),

addresses as (
    select
        source,
        email,
        coalesce(min(first_of), min(further_of)) as person
    from told_addresses
    group by source, email
),

campaigns_of_assets as (
    select
        source,
        asset_type,
        asset_id,
        min(campaign_id) as campaign
    from assets
    where not is_deleted
    group by source, asset_type, asset_id
),

sends as (
    select
        source,
        campaign_id,
        name,
        {{ split_to_rows(
            "replace(replace(replace(email_campaign_ids, '[', ''), ']', ''), '\"', '')", "','"
        ) }} as send
    from marketing_emails
    where email_campaign_ids is not null
),

mails_of_sends as (
    select
        source,
        trim(send) as send,
        min(campaign_id) as campaign,
        min(name) as name
    from sends
    group by source, trim(send)
),

happened as (
    select
        submissions.source,
        'form_submissions' as stream,
        submissions.record_key,
        submissions.email,
        cast(null as string) as person,
        submissions.submitted_at as occurred_at,
        'form_submission' as kind,
        links.channel,
        coalesce(links.campaign, campaigns_of_assets.campaign) as campaign,
        coalesce(links.content, forms.name, submissions.form_id) as content,
        'in' as direction,
        1 = 0 as is_two_way,
        1 = 0 as is_automated,
        submissions.origin,
        submissions.loaded_at,
        submissions.run_id,
        submissions.is_deleted
    from submissions
    left join links
        on submissions.source = links.source and submissions.record_key = links.record_key
    left join forms
        on submissions.source = forms.source and submissions.form_id = forms.id
    left join campaigns_of_assets
        on
            campaigns_of_assets.asset_type = 'FORM'
            and submissions.source = campaigns_of_assets.source
            and submissions.form_id = campaigns_of_assets.asset_id
    union all
    select
        participations.source,
        'marketing_event_participations' as stream,
        participations.record_key,
        participations.email,
        participations.contact_id as person,
        participations.occurred_at,
        case when lower(events.event_type) like '%webinar%' then 'webinar' else 'event' end as kind,
        case when lower(events.event_type) like '%webinar%' then 'Webinar' else 'Event' end
            as channel,
        campaigns_of_assets.campaign,
        coalesce(events.event_name, participations.event_id) as content,
        'in' as direction,
        1 = 1 as is_two_way,
        1 = 0 as is_automated,
        participations.origin,
        participations.loaded_at,
        participations.run_id,
        participations.is_deleted
    from participations
    left join events
        on
            participations.source = events.source
            and participations.event_id = events.id
    left join campaigns_of_assets
        on
            campaigns_of_assets.asset_type = 'MARKETING_EVENT'
            and participations.source = campaigns_of_assets.source
            and participations.event_id = campaigns_of_assets.asset_id
    where participations.attendance_state = 'ATTENDED'
    union all
    select
        email_events.source,
        'email_events' as stream,
        email_events.record_key,
        email_events.recipient as email,
        cast(null as string) as person,
        email_events.created as occurred_at,
        case email_events.type
            when 'SENT' then 'email_sent'
            when 'OPEN' then 'email_open'
            else 'email_click'
        end as kind,
        'Email' as channel,
        mails_of_sends.campaign,
        mails_of_sends.name as content,
        case when email_events.type = 'SENT' then 'out' else 'in' end as direction,
        1 = 0 as is_two_way,
        email_events.type <> 'CLICK' or coalesce(email_events.filtered_event, 1 = 0)
            as is_automated,
        email_events.origin,
        email_events.loaded_at,
        email_events.run_id,
        email_events.is_deleted
    from email_events
    left join mails_of_sends
        on
            email_events.source = mails_of_sends.source
            and email_events.email_campaign_id = mails_of_sends.send
    where email_events.type in ('SENT', 'OPEN', 'CLICK')
)

select
    happened.source,
    happened.stream,
    happened.record_key,
    coalesce(happened.person, addresses.person) as person,
    happened.occurred_at,
    happened.kind,
    happened.channel,
    happened.campaign,
    happened.content,
    happened.direction,
    happened.is_two_way,
    happened.is_automated,
    happened.origin,
    happened.loaded_at,
    happened.run_id,
    happened.is_deleted
from happened
left join addresses
    on happened.source = addresses.source and lower(happened.email) = addresses.email
