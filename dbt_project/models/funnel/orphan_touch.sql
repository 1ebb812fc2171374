with places as (
    select * from {{ ref('int_touch_place') }}
    where journey_id is null
),

touches as (
    select * from {{ ref('input_touches') }}
),

copies as (
    select * from {{ ref('int_touch_copies') }}
),

final as (
    select
        places.touch_id,
        touches.source,
        touches.source_record_id,
        case
            when copies.touch_id is not null then 'duplicate'
            when touches.person_key is null and touches.deal_key is null then 'no_subject'
            when touches.deal_key is null then 'unknown_person'
            when touches.person_key is null then 'unknown_deal'
            else 'unknown_person_and_deal'
        end as reason,
        copies.same_as_touch_id,
        touches.occurred_at,
        touches.run_id
    from places
    inner join touches on places.touch_id = touches.touch_key
    left join copies on places.touch_id = copies.touch_id
)

select
    touch_id,
    source,
    'touches' as stream,
    source_record_id,
    reason,
    case reason
        when 'duplicate' then 'another system logged the same touch, which stands for both'
        when 'no_subject' then 'the touch names neither a person nor a deal'
        when 'unknown_person' then 'no person record has the id that the touch names'
        when 'unknown_deal' then 'no deal that had begun by then has the id that the touch names'
        else 'neither the person nor the deal that the touch names is known'
    end as detail,
    same_as_touch_id,
    occurred_at,
    run_id
from final
