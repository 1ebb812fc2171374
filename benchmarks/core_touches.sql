create macro key_of(source, id) as
    md5(replace(source, '|', '||') || '|,|' || replace(id, '|', '||'));
create table person as
select records.source, records.id, links.prospect_id as prospect
from (
    select 'hubspot' as source, id from hubspot_contacts
    union select 'salesforce', id from salesforce_leads
    union select 'salesforce', id from salesforce_contacts
    union select 'web', record_id from web_visitors
) as records
join built.intermediate.int_person_link as links
    on links.person_key = key_of(records.source, records.id);
create table address as
with told as (
    select lower(email) as email, id, 0 as further from hubspot_contacts where not _deleted
    union all
    select lower(trim(unnest(string_split(hs_additional_emails, ';')))), id, 1
    from hubspot_contacts where not _deleted
),
of_contacts as (
    select email, coalesce(min(id) filter (further = 0), min(id)) as id
    from told where email <> '' group by email
)
select of_contacts.email, person.prospect
from of_contacts join person on person.source = 'hubspot' and person.id = of_contacts.id;
create table deal as
select raw.id, deals.deal_id as deal
from salesforce_opportunities as raw
join built.intermediate.int_deal as deals on deals.deal_id = key_of('salesforce', raw.id);
create table worker as
select raw.owner_id, users.team, users.valid_from, users.valid_to
from (
    select owner_id from salesforce_tasks union select owner_id from salesforce_events
) as raw
join built.input.input_users as users on users.user_key = key_of('salesforce', raw.owner_id);
create table span as
select *, count(*) over (partition by journey_id) as of_journey,
    count(*) over (partition by prospect_id) as of_prospect
from built.intermediate.int_journey_span;

create table touch as
with happened as (
    select 'hubspot' as source, _record_id as record, address.prospect, null as deal,
        submitted_at as occurred_at, 'form_submission' as kind, 'marketing' as team, true as counts
    from hubspot_form_submissions as raw
    left join address on address.email = lower(raw.email)
    where _record_id is not null and _reject_reason is null and not _deleted
    union all
    select 'hubspot', raw._record_id, person.prospect, null, raw.occurred_at,
        case when lower(events.event_type) like '%webinar%' then 'webinar' else 'event' end,
        'marketing', true
    from hubspot_marketing_event_participations as raw
    left join hubspot_marketing_events as events on events.id = raw.event_id
    left join person on person.source = 'hubspot' and person.id = raw.contact_id
    where raw.attendance_state = 'ATTENDED' and raw._reject_reason is null and not raw._deleted
    union all
    select 'hubspot', _record_id, address.prospect, null, created,
        case type when 'SENT' then 'email_sent' when 'OPEN' then 'email_open'
            else 'email_click' end,
        'marketing', type = 'CLICK' and not coalesce(filtered_event, false)
    from hubspot_email_events as raw
    left join address on address.email = lower(raw.recipient)
    where type in ('SENT', 'OPEN', 'CLICK') and _reject_reason is null and not _deleted
    union all
    select 'hubspot', raw.id || '|' || ties.to_id, person.prospect, null, raw.hs_timestamp,
        'email_reply', null, true
    from hubspot_emails as raw
    join hubspot_email_associations as ties on ties.from_id = raw.id and not ties._deleted
    left join person on person.source = 'hubspot' and person.id = ties.to_id
    where raw._reject_reason is null and not raw._deleted
    union all
    select 'salesforce', _record_id, person.prospect, deal.deal, occurred_at, kind,
        worker.team, true
    from (
        select _record_id, who_id, what_id, owner_id, completed_date_time as occurred_at,
            case when lower(task_subtype) = 'call' then 'call' else 'email' end as kind
        from salesforce_tasks where is_closed and _reject_reason is null and not _deleted
        union all
        select _record_id, who_id, what_id, owner_id, start_date_time, 'meeting'
        from salesforce_events where _reject_reason is null and not _deleted
    ) as raw
    left join person on person.source = 'salesforce' and person.id = raw.who_id
    left join deal on deal.id = raw.what_id
    left join worker on worker.owner_id = raw.owner_id
        and (worker.valid_from is null or raw.occurred_at >= worker.valid_from)
        and (worker.valid_to is null or raw.occurred_at < worker.valid_to)
    union all
    select 'web', activity_id, person.prospect, null, occurred_at, activity, 'marketing', true
    from web_web_activity as raw
    left join person on person.source = 'web' and person.id = raw.contact_id
    where activity in ('visit', 'ad_click') and _reject_reason is null and not _deleted
),
known as (
    select happened.*, row_number() over () as number,
        coalesce(own.journey_id, primaries.journey_id) as deal_journey
    from happened
    left join built.intermediate.int_journey_deal as own
        on own.deal_id = happened.deal and own.prospect_id = happened.prospect
    left join built.intermediate.int_journey_deal as primaries
        on primaries.deal_id = happened.deal and primaries.is_primary
    where occurred_at <= (select as_of from built.bound.clock)
),
several as (
    select number, journey_id, opened_at, closed_at
    from (
        select known.number, known.occurred_at, span.*
        from known join span on known.deal_journey is null
            and span.prospect_id = known.prospect and span.of_prospect > 1
        union all
        select known.number, known.occurred_at, span.*
        from known join span on span.journey_id = known.deal_journey and span.of_journey > 1
    )
    qualify row_number() over (
        partition by number
        order by case when opened_at > occurred_at then 2 when closed_at < occurred_at then 1
            else 0 end,
            case when opened_at <= occurred_at and closed_at < occurred_at then -journey_seq
            else journey_seq end, journey_id
    ) = 1
)
select known.number, known.source, known.record, known.prospect, known.deal, known.occurred_at,
    known.kind, known.team, known.counts,
    coalesce(several.journey_id, of_deal.journey_id, of_one.journey_id) as journey,
    coalesce(
        coalesce(several.opened_at, of_deal.opened_at, of_one.opened_at) <= occurred_at
        and coalesce(several.closed_at, of_deal.closed_at, of_one.closed_at) < occurred_at, false
    ) as post_close
from known
left join several using (number)
left join span as of_deal on of_deal.journey_id = known.deal_journey and of_deal.of_journey = 1
left join span as of_one on known.deal_journey is null
    and of_one.prospect_id = known.prospect and of_one.of_prospect = 1
where journey is not null;
