-- What each team said of a journey: marketing by handing it over, sales by what it did with it.
with events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and event = 'stage_entered'
),

handoffs as (
    select * from {{ ref('fct_handoff') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

entries as (
    select
        journey_id,
        min(case when stage = 'mql' and not is_of_deal then occurred_at end) as mql_at,
        min(case when stage = 'sql' then occurred_at end) as sql_at
    from events
    group by journey_id
),

decisions as (
    select
        journey_id,
        max(case when decision in ('accepted', 'rejected', 'recycled') then 1 else 0 end)
            as is_decided,
        max(owner_id) as owner_id
    from handoffs
    group by journey_id
)

select
    journeys.journey_id,
    journeys.prospect_id,
    entries.mql_at,
    entries.sql_at,
    decisions.owner_id,
    entries.mql_at is not null as is_mql,
    entries.sql_at is not null as is_sql,
    coalesce(decisions.is_decided = 1, 1 = 0) or entries.sql_at is not null as is_decided,
    coalesce(entries.mql_at <= entries.sql_at, 1 = 0) as is_mql_first
from journeys
inner join entries on journeys.journey_id = entries.journey_id
left join decisions on journeys.journey_id = decisions.journey_id
where entries.mql_at is not null or entries.sql_at is not null
