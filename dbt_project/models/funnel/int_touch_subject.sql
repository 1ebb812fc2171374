-- Whose each touch by as_of is, and what it knows, for telling copies of one touch.
with touches as (
    select * from {{ ref('input_touches') }}
    where not is_deleted and direction is not null
),

links as (
    select * from {{ ref('int_person_link') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
)

select
    touches.touch_key as touch_id,
    coalesce(links.prospect_id, 'deal ' || touches.deal_key) as subject,
    touches.kind,
    touches.direction,
    touches.source,
    touches.occurred_at,
    touches.is_day_only,
    {{ local_date('touches.occurred_at', 'settings.time_zone') }} as day,
    case when touches.is_two_way then 1 else 0 end
    + case when touches.user_key is null then 0 else 1 end
    + case when touches.deal_key is null then 0 else 1 end as n_known
from touches
cross join clock
cross join settings
left join links on touches.person_key = links.person_key
where
    touches.occurred_at <= clock.as_of
    and (links.prospect_id is not null or touches.deal_key is not null)
