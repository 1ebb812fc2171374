-- Where each touch by as_of belongs: to the journey of the deal that it is logged on, else to the
-- prospect's earliest open one, else to its last one, after the close. A copy belongs nowhere.
with touches as (
    select * from {{ ref('input_touches') }}
    where not is_deleted
),

links as (
    select * from {{ ref('int_person_link') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

journey_deals as (
    select * from {{ ref('int_journey_deal') }}
),

spans as (
    select * from {{ ref('int_journey_span') }}
),

copies as (
    select * from {{ ref('int_touch_copies') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

known as (
    select
        touches.touch_key as touch_id,
        touches.occurred_at,
        links.prospect_id,
        deals.deal_id,
        coalesce(own.journey_id, primaries.journey_id) as deal_journey_id,
        copies.touch_id is not null as is_copy
    from touches
    cross join clock
    left join copies on touches.touch_key = copies.touch_id
    left join links on touches.person_key = links.person_key
    left join deals on touches.deal_key = deals.deal_id
    left join journey_deals as own
        on deals.deal_id = own.deal_id and links.prospect_id = own.prospect_id
    left join journey_deals as primaries
        on deals.deal_id = primaries.deal_id and primaries.is_primary
    where touches.occurred_at <= clock.as_of
),

-- What comes before the first opening belongs to the first journey, and is not after any close.
candidates as (
    select
        known.touch_id,
        spans.journey_id,
        spans.journey_seq,
        spans.opened_at,
        known.occurred_at,
        spans.closed_at
    from known
    inner join spans on known.prospect_id = spans.prospect_id
    where known.deal_journey_id is null and not known.is_copy
    union all
    select
        known.touch_id,
        spans.journey_id,
        spans.journey_seq,
        spans.opened_at,
        known.occurred_at,
        spans.closed_at
    from known
    inner join spans on known.deal_journey_id = spans.journey_id
    where not known.is_copy
),

-- 0 open, 1 closed before, 2 not open yet.
judged as (
    select
        touch_id,
        journey_id,
        journey_seq,
        case
            when opened_at > occurred_at then 2
            when closed_at < occurred_at then 1
            else 0
        end as state
    from candidates
),

ranked as (
    select
        touch_id,
        journey_id,
        state,
        row_number() over (
            partition by touch_id
            order by
                state asc nulls last,
                case when state = 1 then -journey_seq else journey_seq end asc nulls last,
                journey_id asc nulls last
        ) as place
    from judged
)

select
    known.touch_id,
    known.prospect_id,
    known.deal_id,
    ranked.journey_id,
    ranked.state = 1 as post_close
from known
left join ranked on known.touch_id = ranked.touch_id and ranked.place = 1
