with places as (
    select * from {{ ref('int_touch_place') }}
    where journey_id is not null
),

touches as (
    select * from {{ ref('input_touches') }}
),

journeys as (
    select * from {{ ref('int_journey') }}
),

final as (
    select
        places.touch_id,
        places.journey_id,
        places.prospect_id,
        places.deal_id,
        touches.occurred_at,
        touches.team,
        touches.user_key as user_id,
        touches.channel,
        touches.campaign_key as campaign_id,
        touches.content,
        touches.kind,
        touches.direction,
        touches.is_two_way,
        {{ touch_counts('touches.kind', 'touches.is_automated') }} as counts,
        places.post_close,
        coalesce(places.prospect_id = journeys.prospect_id, 1 = 0) as is_own,
        touches.source,
        touches.source_record_id
    from places
    inner join touches on places.touch_id = touches.touch_key
    inner join journeys on places.journey_id = journeys.journey_id
)

select
    touch_id,
    journey_id,
    prospect_id,
    deal_id,
    occurred_at,
    team,
    user_id,
    channel,
    campaign_id,
    content,
    kind,
    direction,
    is_two_way,
    counts,
    post_close,
    counts and not post_close and is_own as is_path_of_mql,
    source,
    source_record_id
from final
