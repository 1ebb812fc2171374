-- Calls, one-to-one emails, meetings and tasks that were done, as touches of nobody yet.
with calls as (
    select * from {{ ref('stg_hubspot__calls') }}
),

emails as (
    select * from {{ ref('stg_hubspot__emails') }}
),

meetings as (
    select * from {{ ref('stg_hubspot__meetings') }}
),

tasks as (
    select * from {{ ref('stg_hubspot__tasks') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- A meeting that is only planned is no touch yet.
held as (
    select meetings.*
    from meetings
    cross join clock
    where
        coalesce(meetings.hs_meeting_outcome, 'COMPLETED') = 'COMPLETED'
        and (
            coalesce(meetings.hs_meeting_start_time, meetings.hs_timestamp) is null
            or coalesce(meetings.hs_meeting_start_time, meetings.hs_timestamp) <= clock.as_of
        )
)

select
    source,
    'calls' as stream,
    id,
    hs_timestamp as occurred_at,
    'call' as kind,
    case when hs_call_direction = 'INBOUND' then 'in' else 'out' end as direction,
    coalesce(hs_call_duration, 0) > 0 and coalesce(hs_call_status, '') = 'COMPLETED' as is_two_way,
    hubspot_owner_id,
    origin,
    loaded_at,
    run_id,
    is_deleted
from calls
where coalesce(hs_call_status, 'COMPLETED') not in ('CANCELED', 'QUEUED', 'RINGING', 'FAILED')
union all
select
    source,
    'emails' as stream,
    id,
    hs_timestamp as occurred_at,
    case when hs_email_direction = 'INCOMING_EMAIL' then 'email_reply' else 'email' end as kind,
    case when hs_email_direction = 'INCOMING_EMAIL' then 'in' else 'out' end as direction,
    coalesce(hs_email_direction, '') = 'INCOMING_EMAIL' as is_two_way,
    hubspot_owner_id,
    origin,
    loaded_at,
    run_id,
    is_deleted
from emails
where coalesce(hs_email_status, 'SENT') not in ('FAILED', 'BOUNCED', 'SCHEDULED')
union all
select
    source,
    'meetings' as stream,
    id,
    coalesce(hs_meeting_start_time, hs_timestamp) as occurred_at,
    'meeting' as kind,
    'out' as direction,
    1 = 1 as is_two_way,
    hubspot_owner_id,
    origin,
    loaded_at,
    run_id,
    is_deleted
from held
union all
select
    source,
    'tasks' as stream,
    id,
    coalesce(hs_task_completion_date, hs_timestamp) as occurred_at,
    'task' as kind,
    'out' as direction,
    1 = 0 as is_two_way,
    hubspot_owner_id,
    origin,
    loaded_at,
    run_id,
    is_deleted
from tasks
where hs_task_status = 'COMPLETED'
