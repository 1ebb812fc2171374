-- What the scorecard shows of the balance between now and the road ahead.
with balances as (
    select * from {{ ref('now_vs_road_ahead') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

this_month as (
    select {{ local_month('clock.as_of', 'settings.time_zone') }} as month
    from clock
    cross join settings
),

coverages as (
    select
        'now_vs_road_ahead' as metric,
        segment,
        expected_deals as n,
        coverage as value,
        coverage_low as low,
        coverage_high as high,
        status
    from balances
    where quarter_ahead = 0
    union all
    select
        case quarter_ahead
            when 1 then 'now_vs_road_ahead.next_quarter'
            else 'now_vs_road_ahead.quarter_after_next'
        end as metric,
        segment,
        expected_deals as n,
        coverage as value,
        coverage_low as low,
        coverage_high as high,
        status
    from balances
    where quarter_ahead in (1, 2)
),

shares as (
    {% for team in ['marketing', 'sales'] %}
        select
            'now_vs_road_ahead.{{ team }}_touches' as metric,
            segment,
            {{ team }}_touches_now + {{ team }}_touches_ahead as n,
            {{ team }}_share_ahead as value,
            {{ team }}_share_ahead_low as low,
            {{ team }}_share_ahead_high as high
        from balances
        where quarter_ahead = 0
        union all
    {% endfor %}
    select
        'now_vs_road_ahead.spend' as metric,
        segment,
        marketing_touches_now + marketing_touches_ahead as n,
        spend_share_ahead as value,
        cast(null as double) as low,
        cast(null as double) as high
    from balances
    where quarter_ahead = 0 and spend_share_ahead is not null
),

figures as (
    select
        metric,
        segment,
        n,
        value,
        low,
        high,
        status
    from coverages
    union all
    select
        metric,
        segment,
        n,
        value,
        low,
        high,
        cast(null as string) as status
    from shares
)

-- The road ahead starts in this month, so it has no other.
select
    figures.metric,
    this_month.month,
    figures.segment,
    'all' as slice_kind,
    'all' as slice,
    figures.n,
    figures.value,
    figures.low,
    figures.high,
    figures.status,
    cast(null as double) as target
from figures
cross join this_month
