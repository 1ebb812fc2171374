with tasks as (
    select * from {{ ref('stg_salesforce__tasks') }}
),

events as (
    select * from {{ ref('stg_salesforce__events') }}
),

members as (
    select * from {{ ref('stg_salesforce__campaign_members') }}
),

campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- A meeting that is only planned is no touch yet.
held as (
    select events.*
    from events
    cross join clock
    where
        coalesce(events.start_date_time, events.activity_date_time) is null
        or coalesce(events.start_date_time, events.activity_date_time) <= clock.as_of
)

select
    source,
    'tasks' as stream,
    record_key,
    id as record_id,
    who_id as person,
    -- What a task is about may be any record; opportunities are told by how their ids begin.
    case when what_id like '006%' then what_id end as deal,
    coalesce(
        completed_date_time, cast(activity_date as timestamp), created_date
    ) as occurred_at,
    completed_date_time is null and activity_date is not null as is_day_only,
    case
        when lower(task_subtype) = 'call' or lower(type) = 'call' then 'call'
        when lower(task_subtype) in ('email', 'listemail') or lower(type) = 'email' then 'email'
        else 'task'
    end as kind,
    'Outbound' as channel,
    cast(null as string) as campaign,
    cast(null as string) as content,
    case when lower(call_type) = 'inbound' then 'in' else 'out' end as direction,
    lower(coalesce(call_disposition, '')) like 'connected%'
    or lower(coalesce(call_disposition, '')) like 'replied%' as is_two_way,
    lower(coalesce(task_subtype, '')) = 'listemail' as is_automated,
    cast(null as string) as team,
    owner_id as user,
    origin,
    loaded_at,
    run_id,
    is_deleted
from tasks
where is_closed
union all
select
    source,
    'events' as stream,
    record_key,
    id as record_id,
    who_id as person,
    case when what_id like '006%' then what_id end as deal,
    coalesce(start_date_time, activity_date_time) as occurred_at,
    1 = 0 as is_day_only,
    'meeting' as kind,
    'Outbound' as channel,
    cast(null as string) as campaign,
    cast(null as string) as content,
    'out' as direction,
    1 = 1 as is_two_way,
    1 = 0 as is_automated,
    cast(null as string) as team,
    owner_id as user,
    origin,
    loaded_at,
    run_id,
    is_deleted
from held
union all
select
    members.source,
    'campaign_members' as stream,
    members.record_key,
    members.id as record_id,
    coalesce(members.contact_id, members.lead_id) as person,
    cast(null as string) as deal,
    cast(members.first_responded_date as timestamp) as occurred_at,
    1 = 1 as is_day_only,
    case
        when lower(campaigns.type) like '%webinar%' then 'webinar'
        when lower(campaigns.type) like '%event%' or lower(campaigns.type) like '%conference%'
            then 'event'
        else 'campaign_response'
    end as kind,
    campaigns.type as channel,
    members.campaign_id as campaign,
    cast(null as string) as content,
    'in' as direction,
    1 = 0 as is_two_way,
    1 = 0 as is_automated,
    'marketing' as team,
    cast(null as string) as user,
    members.origin,
    members.loaded_at,
    members.run_id,
    members.is_deleted
from members
left join campaigns
    on members.source = campaigns.source and members.campaign_id = campaigns.id
where members.has_responded and members.first_responded_date is not null
