-- The weeks at whose end a deal was open, long enough after it became an opportunity, and whether
-- each team had touched it of late.
with deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary and opportunity_at is not null
),

spans as (
    select * from {{ ref('int_deal_span') }}
),

entries as (
    select * from {{ ref('fct_deal_stage') }}
    where counts
),

touches as (
    select * from {{ ref('int_deal_touch') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

weeks as (
    select
        days.week,
        max(days.day) as last_day
    from days
    cross join clock
    cross join settings
    group by days.week, clock.as_of, settings.time_zone
    having max(days.day) < {{ local_date('clock.as_of', 'settings.time_zone') }}
),

open_days as (
    select
        deals.deal_id,
        journeys.journey_id,
        {{ local_date('journeys.opportunity_at', 'settings.time_zone') }} as opportunity_day,
        {{ local_date('spans.opened_at', 'settings.time_zone') }} as opened_day,
        {{ local_date('spans.closed_at', 'settings.time_zone') }} as closed_day
    from deals
    inner join journeys on deals.journey_id = journeys.journey_id
    inner join spans on deals.deal_id = spans.deal_id
    cross join settings
),

deal_weeks as (
    select
        open_days.deal_id,
        open_days.journey_id,
        weeks.last_day,
        max(greatest(open_days.opportunity_day, open_days.opened_day)) as open_since
    from open_days
    cross join settings
    inner join weeks
        on
            open_days.opened_day <= weeks.last_day
            and (open_days.closed_day is null or open_days.closed_day > weeks.last_day)
    where
        {{ days_between('open_days.opportunity_day', 'weeks.last_day') }}
        >= settings.nurture_window_days
    group by open_days.deal_id, open_days.journey_id, weeks.last_day
),

touch_days as (
    select
        touches.deal_id,
        touches.team,
        {{ local_date('touches.occurred_at', 'settings.time_zone') }} as day
    from touches
    cross join settings
),

last_touches as (
    select
        deal_weeks.deal_id,
        deal_weeks.last_day,
        max(case when touch_days.team = 'marketing' then touch_days.day end) as by_marketing_on,
        max(case when touch_days.team = 'sales' then touch_days.day end) as by_sales_on
    from deal_weeks
    inner join touch_days
        on
            deal_weeks.deal_id = touch_days.deal_id
            and deal_weeks.last_day >= touch_days.day
    group by deal_weeks.deal_id, deal_weeks.last_day
),

-- The stage in which the deal stood at the end of the week.
stages as (
    select
        deal_weeks.deal_id,
        deal_weeks.last_day,
        entries.stage,
        row_number() over (
            partition by deal_weeks.deal_id, deal_weeks.last_day
            order by
                entries.entered_at desc nulls last, entries.entry_seq desc nulls last,
                entries.deal_stage_id desc nulls last
        ) as recency
    from deal_weeks
    cross join settings
    inner join entries
        on
            deal_weeks.deal_id = entries.deal_id
            and deal_weeks.last_day
            >= {{ local_date('entries.entered_at', 'settings.time_zone') }}
)

-- A silence starts with the last touch, or when the deal became an opportunity or was reopened.
select
    deal_weeks.deal_id,
    deal_weeks.journey_id,
    deal_weeks.last_day,
    stages.stage,
    {% for team in ['marketing', 'sales'] %}
        coalesce(
            {{ days_between('last_touches.by_' ~ team ~ '_on', 'deal_weeks.last_day') }}
            < settings.nurture_window_days,
            1 = 0
        ) as by_{{ team }},
        cast(
            {{ days_between(
                'greatest(deal_weeks.open_since, coalesce(last_touches.by_' ~ team
                ~ '_on, deal_weeks.open_since))',
                'deal_weeks.last_day'
            ) }} as integer
        ) as silent_days_{{ team }}{% if not loop.last %},{% endif %}
    {% endfor %}
from deal_weeks
cross join settings
left join last_touches
    on
        deal_weeks.deal_id = last_touches.deal_id
        and deal_weeks.last_day = last_touches.last_day
left join stages
    on
        deal_weeks.deal_id = stages.deal_id
        and deal_weeks.last_day = stages.last_day
        and stages.recency = 1
