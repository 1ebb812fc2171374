with touches as (
    select * from {{ ref('int_touches_checked') }}
)

select
    touch_key,
    source,
    source_record_id,
    person_key,
    deal_key,
    occurred_at,
    kind,
    channel,
    campaign_key,
    direction,
    is_two_way,
    is_automated,
    team,
    user_key,
    is_deleted,
    loaded_at,
    run_id
from touches
where fault_reason is null
