-- Handoffs that wait for sales as of now, and those that it let pass: what to do on Monday morning.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

promises as (
    select * from {{ ref('int_handoff_promise') }}
),

clocks as (
    select * from {{ ref('int_handoff_clock') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where outcome = 'open'
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

last_touches as (
    select * from {{ ref('int_last_touch') }}
),

-- A prospect that was handed over again waits for the answer to the newest handoff alone.
ranked as (
    select
        handoff_id,
        row_number() over (partition by journey_id order by handoff_seq desc nulls last) as recency
    from handoffs
),

waiting as (
    select
        handoffs.handoff_id,
        handoffs.journey_id,
        handoffs.handed_at,
        handoffs.first_attempt_at,
        handoffs.attempts,
        handoffs.owner_id,
        case when handoffs.decision = 'ignored' then 'ignored' else 'overdue' end as why
    from handoffs
    inner join ranked on handoffs.handoff_id = ranked.handoff_id
    inner join promises on handoffs.handoff_id = promises.handoff_id
    where ranked.recency = 1 and (handoffs.decision = 'ignored' or promises.is_overdue)
)

select
    waiting.handoff_id,
    waiting.why,
    waiting.journey_id,
    journeys.prospect_id,
    prospects.full_name,
    prospects.email,
    accounts.name as account_name,
    journeys.segment,
    waiting.owner_id,
    users.full_name as owner_name,
    waiting.handed_at,
    clocks.seen_for_hours as waits_for_hours,
    clocks.answer_within_hours,
    waiting.first_attempt_at,
    waiting.attempts,
    clocks.attempts_by,
    last_touches.last_marketing_touch_at,
    last_touches.last_marketing_touch,
    last_touches.last_sales_touch_at,
    last_touches.last_sales_touch
from waiting
inner join journeys on waiting.journey_id = journeys.journey_id
inner join clocks on waiting.handoff_id = clocks.handoff_id
left join prospects on journeys.prospect_id = prospects.prospect_id
left join accounts on journeys.account_id = accounts.account_id
left join users on waiting.owner_id = users.user_id
left join last_touches on waiting.journey_id = last_touches.journey_id
