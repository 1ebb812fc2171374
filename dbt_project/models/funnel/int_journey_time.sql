-- One row per journey with any event: when it reached what, and how often it fell back.
with events as (
    select * from {{ ref('fct_funnel_event') }}
),

stage_times as (
    select * from {{ ref('int_stage_time') }}
),

reached as (
    select
        journey_id,
        max(case when stage = 'lead' then reached_at end) as lead_at,
        max(case when stage = 'mql' then reached_at end) as mql_at,
        max(case when stage = 'sal' then reached_at end) as sal_at,
        max(case when stage = 'sql' then reached_at end) as sql_at,
        max(case when stage = 'opportunity' then reached_at end) as opportunity_at,
        max(case when stage = 'won' then reached_at end) as won_at
    from stage_times
    group by journey_id
),

moves as (
    select
        journey_id,
        min(occurred_at) as first_at,
        max(case when event = 'lost' then occurred_at end) as lost_at,
        max(case when event = 'disqualified' then occurred_at end) as disqualified_at,
        sum(case when is_regression then 1 else 0 end) as regressions,
        sum(case when event = 'recycled' then 1 else 0 end) as recycles
    from events
    where counts
    group by journey_id
)

select
    moves.journey_id,
    moves.first_at,
    reached.lead_at,
    reached.mql_at,
    reached.sal_at,
    reached.sql_at,
    reached.opportunity_at,
    reached.won_at,
    moves.lost_at,
    moves.disqualified_at,
    cast(moves.regressions as bigint) as regressions,
    cast(moves.recycles as bigint) as recycles
from moves
left join reached on moves.journey_id = reached.journey_id
