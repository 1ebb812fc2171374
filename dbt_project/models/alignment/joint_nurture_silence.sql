-- For how long each team let a deal be while it was open in a stage: whom to ask about which deal.
with weeks as (
    select * from {{ ref('int_nurture_week') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

ranked as (
    select
        deal_id,
        journey_id,
        coalesce(stage, 'unknown') as stage,
        last_day,
        silent_days_marketing,
        silent_days_sales,
        row_number() over (
            partition by deal_id, coalesce(stage, 'unknown')
            order by last_day desc nulls last
        ) as recency
    from weeks
),

silences as (
    select
        deal_id,
        journey_id,
        stage,
        count(*) as weeks,
        max(last_day) as last_week_ended_on,
        max(silent_days_marketing) as longest_silence_marketing,
        max(silent_days_sales) as longest_silence_sales,
        max(case when recency = 1 then silent_days_marketing end) as last_silence_marketing,
        max(case when recency = 1 then silent_days_sales end) as last_silence_sales
    from ranked
    group by deal_id, journey_id, stage
)

select
    silences.deal_id,
    silences.stage,
    deals.name as deal_name,
    silences.journey_id,
    journeys.segment,
    deals.outcome,
    deals.owner_id,
    users.full_name as owner_name,
    cast(silences.weeks as bigint) as weeks,
    silences.last_week_ended_on,
    silences.longest_silence_marketing,
    silences.longest_silence_sales,
    silences.last_silence_marketing,
    silences.last_silence_sales,
    clock.as_of,
    clock.known_at
from silences
inner join deals on silences.deal_id = deals.deal_id
inner join journeys on silences.journey_id = journeys.journey_id
cross join clock
left join users on deals.owner_id = users.user_id
