-- Pipeline velocity: open opportunities x share won x mean won amount / median cycle.
with summaries as (
    select * from {{ ref('cycle_time_summary') }}
    where from_stage = 'opportunity' and cohort = 'all'
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

deals as (
    select * from {{ ref('fct_deal') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- Amounts of the deals won in the last so many days as the horizon has.
worked as (
    select
        coalesce(journeys.segment, 'unknown') as segment,
        case
            when journeys.outcome = 'open' and journeys.opportunity_at is not null then 1
            else 0
        end as is_open,
        case
            when
                deals.outcome = 'won'
                and deals.closed_at > {{ days_earlier('clock.as_of', 'settings.horizon_days') }}
                then deals.amount_reporting
        end as won_amount
    from journeys
    inner join deals on journeys.deal_id = deals.deal_id
    cross join settings
    cross join clock
),

totals as (
    select
        segment,
        sum(is_open) as open_opportunities,
        count(won_amount) as n_amounts,
        sum(won_amount) as won_amount
    from worked
    where segment <> 'all'
    group by segment
    union all
    select
        'all' as segment,
        sum(is_open) as open_opportunities,
        count(won_amount) as n_amounts,
        sum(won_amount) as won_amount
    from worked
),

parts as (
    select
        summaries.segment,
        summaries.unit,
        summaries.status as cycle_status,
        summaries.horizon_days,
        cast(coalesce(totals.open_opportunities, 0) as bigint) as open_opportunities,
        summaries.share_won,
        cast(totals.won_amount as double) / nullif(totals.n_amounts, 0) as mean_won_amount,
        cast(coalesce(totals.n_amounts, 0) as bigint) as n_amounts,
        summaries.p50 as median_cycle
    from summaries
    left join totals on summaries.segment = totals.segment
)

select
    parts.segment,
    parts.unit,
    case
        when parts.cycle_status <> 'ok' then parts.cycle_status
        when parts.mean_won_amount is null then 'no amounts'
        when parts.median_cycle = 0 then 'cycle of no day'
        else 'ok'
    end as status,
    parts.open_opportunities,
    parts.share_won,
    parts.mean_won_amount,
    parts.median_cycle,
    parts.open_opportunities * parts.share_won * parts.mean_won_amount
    / nullif(cast(parts.median_cycle as double), 0.0e0) as velocity,
    settings.reporting_currency as currency,
    parts.n_amounts,
    parts.horizon_days,
    clock.as_of,
    clock.known_at
from parts
cross join settings
cross join clock
