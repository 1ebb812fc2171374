-- A deal is listed where, and only where, a figure counts it as one that definitions differ on.
with events as (
    select * from {{ ref('alignment_event') }}
),

listed as (
    select * from {{ ref('sourced_disagreements') }}
),

counted as (
    select deal_id
    from events
    where metric in ('sourced.disagreement', 'sourced.disagreement.won') and in_numerator
    group by deal_id
)

select coalesce(counted.deal_id, listed.deal_id) as deal_id
from counted
full outer join listed on counted.deal_id = listed.deal_id
where counted.deal_id is null or listed.deal_id is null
