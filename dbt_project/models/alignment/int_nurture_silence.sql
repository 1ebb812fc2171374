-- For how long each team let an open deal be, at the longest, up to the ends of a month's weeks.
with weeks as (
    select * from {{ ref('int_nurture_week') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

months as (
    select
        deal_id,
        journey_id,
        cast(date_trunc('month', last_day) as date) as month,
        max(last_day) as last_day,
        max(silent_days_marketing) as silent_days_marketing,
        max(silent_days_sales) as silent_days_sales
    from weeks
    group by deal_id, journey_id, cast(date_trunc('month', last_day) as date)
),

silences as (
    {% for team in ['marketing', 'sales'] %}
        select
            'joint_nurture_coverage.longest_silence_{{ team }}' as metric,
            deal_id,
            journey_id,
            month,
            last_day,
            silent_days_{{ team }} as days
        from months
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    silences.metric,
    silences.deal_id || '|' || cast(silences.month as string) as event_id,
    silences.month,
    journeys.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(deals.owner_id, 'unknown') as owner,
    coalesce(deals.lead_source, prospects.lead_source, 'unknown') as source,
    silences.journey_id,
    silences.deal_id,
    coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
    silences.days,
    silences.days >= settings.nurture_window_days as is_beyond_window,
    settings.segment_by is not null as has_segments
from silences
inner join journeys on silences.journey_id = journeys.journey_id
inner join deals on silences.deal_id = deals.deal_id
cross join settings
left join prospects on journeys.prospect_id = prospects.prospect_id
left join users
    on
        deals.owner_id = users.user_key
        and (users.valid_from is null or cast(silences.last_day as timestamp) >= users.valid_from)
        and (users.valid_to is null or cast(silences.last_day as timestamp) < users.valid_to)
