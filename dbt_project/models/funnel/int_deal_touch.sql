-- Every touch that works on a deal, once: those of its contacts, and those logged on it.
with contacts as (
    select * from {{ ref('bridge_deal_prospect') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close
),

candidates as (
    select
        contacts.deal_id,
        touches.touch_id
    from contacts
    inner join touches on contacts.prospect_id = touches.prospect_id
    union
    select
        deal_id,
        touch_id
    from touches
    where deal_id is not null
)

select
    candidates.deal_id,
    candidates.touch_id,
    touches.occurred_at,
    touches.team,
    touches.user_id,
    touches.channel,
    touches.campaign_id
from candidates
inner join touches on candidates.touch_id = touches.touch_id
