-- The deals of the trailing year that may show whether working together pays, as they stood when
-- they became opportunities.
with journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary and deal_id is not null
),

spells as (
    select * from {{ ref('int_cycle_journey') }}
    where from_stage = 'opportunity' and started_on is not null and not is_excluded
),

deals as (
    select * from {{ ref('fct_deal') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

years as (
    select
        {{ local_date('clock.as_of', 'settings.time_zone') }} as ends_on,
        {{ local_date(
            days_earlier('clock.as_of', 'settings.nurture_trailing_days'), 'settings.time_zone'
        ) }} as starts_after
    from clock
    cross join settings
),

-- Days count from the one on which the deal became an opportunity, which is day 0.
counted as (
    select
        journeys.deal_id,
        journeys.journey_id,
        coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
        coalesce(journeys.segment, 'unknown') as segment,
        coalesce(deals.lead_source, prospects.lead_source, 'unknown') as source,
        deals.amount_at_creation_reporting as amount,
        spells.started_on as opportunity_on,
        {{ days_between('spells.started_on', 'spells.seen_on') }} as seen_day,
        {{ days_between('spells.started_on', 'years.starts_after') }} + 1 as first_day_of_year,
        {{ days_between('spells.started_on', 'spells.ended_on') }} as last_day,
        case journeys.outcome when 'won' then 'won' when 'open' then 'open' else 'lost' end
            as ended_as
    from journeys
    inner join spells on journeys.journey_id = spells.journey_id
    inner join deals on journeys.deal_id = deals.deal_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
    cross join years
),

-- Who was first seen later than on day 0 is at risk from the day after.
at_risk as (
    select
        deal_id,
        journey_id,
        cluster_id,
        segment,
        source,
        amount,
        opportunity_on,
        last_day,
        ended_as,
        greatest(
            case when seen_day > 0 then seen_day + 1 else 0 end,
            first_day_of_year
        ) as first_day
    from counted
)

select
    deal_id,
    journey_id,
    cluster_id,
    segment,
    source,
    amount,
    opportunity_on,
    substr(cast(opportunity_on as string), 1, 4) || '-Q'
    || cast(floor((extract(month from opportunity_on) + 2) / 3) as int) as cohort,
    cast(first_day as int) as first_day,
    cast(last_day as int) as last_day,
    ended_as
from at_risk
where first_day <= last_day
