with touches as (
    select * from {{ ref('int_touches_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    touches.touch_key,
    touches.source,
    touches.source_record_id,
    touches.person_key,
    coalesce(copies.same_as_key, touches.deal_key) as deal_key,
    touches.occurred_at,
    touches.is_day_only,
    touches.kind,
    touches.channel,
    touches.campaign_key,
    touches.content,
    touches.direction,
    touches.is_two_way,
    touches.is_automated,
    touches.team,
    touches.user_key,
    touches.is_deleted,
    touches.loaded_at,
    touches.run_id
from touches
left join copies on touches.deal_key = copies.deal_key
where touches.fault_reason is null
