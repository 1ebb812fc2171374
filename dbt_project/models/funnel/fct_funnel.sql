with journeys as (
    select * from {{ ref('int_journey') }}
),

journey_deals as (
    select * from {{ ref('int_journey_deal') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

deal_states as (
    select * from {{ ref('int_deal') }}
),

times as (
    select * from {{ ref('int_journey_time') }}
),

origins as (
    select * from {{ ref('int_journey_origin') }}
),

observations as (
    select * from {{ ref('int_journey_source') }}
),

negative as (
    select * from {{ ref('int_negative_span') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

outcomes as (
    select
        journeys.journey_id,
        journeys.deal_id,
        coalesce(journey_deals.is_primary, 1 = 1) as is_primary,
        coalesce(deals.outcome, journeys.exit_stage, 'open') as outcome,
        coalesce(deals.account_id, prospects.account_id) as account_id,
        coalesce(deal_states.is_undated_close, 1 = 0) as is_undated_close,
        deals.amount_reporting
    from journeys
    left join journey_deals on journeys.journey_id = journey_deals.journey_id
    left join deals on journeys.deal_id = deals.deal_id
    left join deal_states on journeys.deal_id = deal_states.deal_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
)

select
    journeys.journey_id,
    journeys.prospect_id,
    outcomes.account_id,
    journeys.journey_seq,
    case when outcomes.is_primary then outcomes.deal_id end as deal_id,
    case when not outcomes.is_primary then outcomes.deal_id end as member_of_deal_id,
    outcomes.is_primary,
    case
        when journeys.prospect_id is null then 'sales'
        else coalesce(origins.origin_team, 'unknown')
    end as origin_team,
    case
        when settings.segment_by is null then 'all'
        when settings.segment_by like 'person.%' then coalesce(prospects.segment, 'unknown')
        else coalesce(accounts.segment, 'unknown')
    end as segment,
    origins.first_channel,
    origins.first_campaign_id,
    case
        when times.first_at < journeys.opened_at or journeys.opened_at is null then times.first_at
        else journeys.opened_at
    end as aware_at,
    times.lead_at,
    times.mql_at,
    times.sal_at,
    times.sql_at,
    times.opportunity_at,
    case when outcomes.outcome = 'won' then times.won_at end as won_at,
    case when outcomes.outcome = 'lost' then times.lost_at end as lost_at,
    case when outcomes.outcome = 'disqualified' then times.disqualified_at end as disqualified_at,
    outcomes.outcome,
    case when outcomes.is_primary then outcomes.amount_reporting end as amount,
    coalesce(origins.marketing_touches, 0) as marketing_touches,
    coalesce(origins.sales_touches, 0) as sales_touches,
    coalesce(times.regressions, 0) as regressions,
    coalesce(times.recycles, 0) as recycles,
    outcomes.is_undated_close or negative.journey_id is not null as excluded_from_cycle,
    observations.observed_from,
    observations.as_of_exact,
    clock.as_of,
    clock.known_at
from journeys
inner join outcomes on journeys.journey_id = outcomes.journey_id
cross join settings
cross join clock
left join times on journeys.journey_id = times.journey_id
left join origins on journeys.journey_id = origins.journey_id
left join observations on journeys.journey_id = observations.journey_id
left join negative on journeys.journey_id = negative.journey_id
left join prospects on journeys.prospect_id = prospects.prospect_id
left join accounts on outcomes.account_id = accounts.account_id
