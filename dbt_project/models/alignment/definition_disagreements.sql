-- The prospects on which the two teams differ, and why.
with qualified as (
    select * from {{ ref('int_qualified_journey') }}
    where is_decided and is_mql <> is_sql
),

handoffs as (
    select * from {{ ref('fct_handoff') }}
    where decision in ('accepted', 'rejected', 'recycled')
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

decisions as (
    select
        journey_id,
        decision,
        reason,
        decided_at,
        row_number() over (partition by journey_id order by handoff_seq desc nulls last) as recency
    from handoffs
)

select
    qualified.journey_id,
    qualified.prospect_id,
    prospects.full_name,
    prospects.email,
    journeys.segment,
    case when qualified.is_mql then 'marketing' else 'sales' end as qualified_by,
    coalesce(qualified.mql_at, qualified.sql_at) as qualified_at,
    case
        when qualified.is_sql and journeys.origin_team = 'marketing'
            then 'marketing knew the prospect and did not hand it over'
        when qualified.is_sql then 'sales found the prospect itself'
        when decisions.decision = 'accepted'
            then 'sales accepted the prospect and did not qualify it'
        when decisions.decision = 'rejected' then 'sales rejected the prospect'
        else 'sales sent the prospect back'
    end as why,
    decisions.reason,
    decisions.decided_at,
    qualified.owner_id,
    prospects.lead_source,
    journeys.first_channel
from qualified
inner join journeys on qualified.journey_id = journeys.journey_id
left join prospects on qualified.prospect_id = prospects.prospect_id
left join decisions on qualified.journey_id = decisions.journey_id and decisions.recency = 1
