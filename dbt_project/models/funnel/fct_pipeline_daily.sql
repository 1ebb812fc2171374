with spans as (
    select * from {{ ref('int_deal_day_span') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

days_by_as_of as (
    select days.day
    from days
    cross join clock
    cross join settings
    where days.day <= {{ local_date('clock.as_of', 'settings.time_zone') }}
),

-- From when on no deal is missing, of those that were open then.
complete as (
    select
        {{ local_date('max(journeys.observed_from)', 'max(settings.time_zone)') }}
            as complete_from
    from journeys
    inner join deals on journeys.journey_id = deals.journey_id
    cross join settings
),

counted as (
    select
        days_by_as_of.day,
        deals.pipeline,
        spans.stage,
        journeys.segment,
        spans.owner_id,
        count(*) as open_deals,
        sum(case when spans.amount_reporting is null then 1 else 0 end) as deals_without_amount,
        sum(coalesce(spans.amount_reporting, 0)) as amount_reporting
    from spans
    inner join days_by_as_of
        on spans.from_day <= days_by_as_of.day and spans.to_day > days_by_as_of.day
    inner join deals on spans.deal_id = deals.deal_id
    inner join journeys on deals.journey_id = journeys.journey_id
    group by
        days_by_as_of.day, deals.pipeline, spans.stage, journeys.segment, spans.owner_id
)

select
    {{ key([
        'cast(counted.day as string)', 'counted.pipeline', 'counted.stage', 'counted.segment',
        'counted.owner_id',
    ]) }} as pipeline_daily_id,
    counted.day,
    counted.pipeline,
    counted.stage,
    counted.segment,
    counted.owner_id,
    cast(counted.open_deals as bigint) as open_deals,
    cast(counted.deals_without_amount as bigint) as deals_without_amount,
    cast(counted.amount_reporting as decimal(18, 2)) as amount_reporting,
    complete.complete_from is null or counted.day >= complete.complete_from as is_complete
from counted
cross join complete
