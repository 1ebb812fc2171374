-- What each account adds in each segment to each measure of segment alignment: leads, MQLs, deals
-- opened, deals won, and lines of spend. A win counts in the month of the leads, MQLs or
-- deals that it came from, by the median cycle; months whose wins are not all in yet have none.
with events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and event = 'stage_entered' and not is_of_deal
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary
),

origins as (
    select * from {{ ref('int_deal_origin') }}
),

spend as (
    select * from {{ ref('fct_spend') }}
),

cycles as (
    select * from {{ ref('cycle_time_summary') }}
    where unit = 'calendar' and segment = 'all' and cohort = 'all' and to_stage = 'won'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
    where segment_by is not null
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

entries as (
    select
        journey_id,
        stage,
        min(occurred_at) as occurred_at
    from events
    where stage in ('lead', 'mql')
    group by journey_id, stage
),

-- From which stage on the cycle of a measure's wins is counted.
lags as (
    select
        'leads' as measure,
        p50 as lag_days
    from cycles
    where from_stage = 'lead'
    union all
    select
        'spend' as measure,
        p50 as lag_days
    from cycles
    where from_stage = 'lead'
    union all
    select
        'mqls' as measure,
        p50 as lag_days
    from cycles
    where from_stage = 'mql'
    union all
    select
        'pipeline' as measure,
        p50 as lag_days
    from cycles
    where from_stage = 'opportunity'
),

happened as (
    select
        case when stage = 'mql' then 'mqls' else 'leads' end as measure,
        journey_id,
        occurred_at
    from entries
    union all
    select
        'pipeline' as measure,
        journey_id,
        opportunity_at as occurred_at
    from origins
    where opportunity_at is not null
),

lagged_wins as (
    select
        lags.measure as compared_with,
        origins.journey_id,
        {{ local_month(days_earlier('origins.won_at', 'lags.lag_days'), 'settings.time_zone') }}
            as month,
        {{ local_month(days_earlier('clock.as_of', 'lags.lag_days'), 'settings.time_zone') }}
            as first_month_not_over
    from origins
    cross join lags
    cross join settings
    cross join clock
    where origins.won_at is not null and lags.lag_days is not null
),

counted as (
    select
        happened.measure,
        cast(null as string) as compared_with,
        {{ local_month('happened.occurred_at', 'settings.time_zone') }} as month,
        happened.journey_id
    from happened
    cross join settings
    union all
    select
        'won' as measure,
        compared_with,
        month,
        journey_id
    from lagged_wins
    where month < first_month_not_over
),

of_accounts as (
    select
        counted.measure,
        counted.compared_with,
        counted.month,
        coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
        journeys.segment
    from counted
    inner join journeys on counted.journey_id = journeys.journey_id
)

select
    measure,
    compared_with,
    month,
    cluster_id,
    segment,
    count(*) as cases,
    cast(count(*) as double) as amount
from of_accounts
group by measure, compared_with, month, cluster_id, segment
union all
-- No source tells yet for which segment money was spent.
select
    'spend' as measure,
    cast(null as string) as compared_with,
    cast(date_trunc('month', spend.day) as date) as month,
    spend.spend_id as cluster_id,
    cast(null as string) as segment,
    cast(1 as bigint) as cases,
    cast(spend.amount_reporting as double) as amount
from spend
cross join settings
where spend.amount_reporting is not null
