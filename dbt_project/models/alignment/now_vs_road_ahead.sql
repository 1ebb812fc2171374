-- Is the balance kept between the deals of now and those that the next quarters will need.
with quarters as (
    select * from {{ ref('int_road_quarter') }}
),

targets as (
    select * from {{ ref('int_road_target') }}
),

segments as (
    select * from {{ ref('dim_segment') }}
),

deals as (
    select * from {{ ref('int_road_deal') }}
),

work as (
    select * from {{ ref('int_road_work') }}
),

spend as (
    select * from {{ ref('int_road_spend') }}
),

intervals as (
    select * from {{ source('statistics', 'road_ahead') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

levels as (
    select 'all' as segment
    union
    select segments.segment
    from segments
    cross join settings
    where settings.segment_by is not null
),

leveled_deals as (
    select
        levels.segment,
        deals.quarter_ahead,
        deals.is_what,
        deals.amount_reporting
    from levels
    inner join deals on levels.segment = 'all' or levels.segment = deals.segment
),

deal_totals as (
    select
        segment,
        quarter_ahead,
        {% for is_what in ['won', 'expected', 'overdue', 'undated'] %}
            sum(case when is_what = '{{ is_what }}' then 1 else 0 end) as {{ is_what }}_deals,
            sum(
                case when is_what = '{{ is_what }}' then coalesce(amount_reporting, 0) else 0 end
            ) as {{ is_what }}_amount,
        {% endfor %}
        sum(case when is_what = 'expected' and amount_reporting is null then 1 else 0 end)
            as deals_without_amount
    from leveled_deals
    group by segment, quarter_ahead
),

leveled_work as (
    select
        levels.segment,
        work.team,
        work.is_on_open_deal,
        work.touches
    from levels
    inner join work on levels.segment = 'all' or levels.segment = work.segment
),

work_totals as (
    select
        segment,
        {% for team in ['marketing', 'sales'] %}
            sum(case when team = '{{ team }}' and is_on_open_deal then touches else 0 end)
                as {{ team }}_touches_now,
            sum(case when team = '{{ team }}' and not is_on_open_deal then touches else 0 end)
                as {{ team }}_touches_ahead{% if not loop.last %},{% endif %}
        {% endfor %}
    from leveled_work
    group by segment
),

leveled_spend as (
    select
        levels.segment,
        spend.is_on_open_deal,
        spend.amount
    from levels
    inner join spend on levels.segment = 'all' or levels.segment = spend.segment
),

spend_totals as (
    select
        segment,
        sum(case when is_on_open_deal then amount else 0.0e0 end) as spend_now,
        sum(case when not is_on_open_deal then amount else 0.0e0 end) as spend_ahead,
        sum(case when is_on_open_deal is null then amount end) as spend_on_nobody
    from leveled_spend
    group by segment
),

-- Work and what is out of date are of this quarter alone.
parts as (
    select
        quarters.quarter_ahead,
        quarters.fiscal_year,
        quarters.fiscal_quarter,
        quarters.starts_on,
        quarters.ends_on,
        levels.segment,
        targets.target,
        targets.is_in_part as is_target_in_part,
        coalesce(deal_totals.won_deals, 0) as won_deals,
        coalesce(deal_totals.won_amount, 0) as won_amount,
        coalesce(deal_totals.expected_deals, 0) as expected_deals,
        coalesce(deal_totals.expected_amount, 0) as expected_amount,
        coalesce(deal_totals.deals_without_amount, 0) as deals_without_amount,
        {% for column in ['overdue_deals', 'overdue_amount', 'undated_deals', 'undated_amount'] %}
            case when quarters.quarter_ahead = 0 then coalesce(deal_totals.{{ column }}, 0) end
                as {{ column }},
        {% endfor %}
        {% for team in ['marketing', 'sales'] %}
            {% for side in ['now', 'ahead'] %}
                case
                    when quarters.quarter_ahead = 0
                        then coalesce(work_totals.{{ team }}_touches_{{ side }}, 0)
                end as {{ team }}_touches_{{ side }},
            {% endfor %}
        {% endfor %}
        case when quarters.quarter_ahead = 0 then spend_totals.spend_now end as spend_now,
        case when quarters.quarter_ahead = 0 then spend_totals.spend_ahead end as spend_ahead,
        case when quarters.quarter_ahead = 0 then spend_totals.spend_on_nobody end
            as spend_on_nobody
    from quarters
    cross join levels
    left join targets
        on
            quarters.quarter_ahead = targets.quarter_ahead
            and levels.segment = targets.segment
    left join deal_totals
        on
            quarters.quarter_ahead = deal_totals.quarter_ahead
            and levels.segment = deal_totals.segment
    left join work_totals on levels.segment = work_totals.segment
    left join spend_totals on levels.segment = spend_totals.segment
),

judged as (
    select
        parts.quarter_ahead,
        parts.segment,
        case
            when parts.target is null then 'no target'
            when parts.is_target_in_part then 'target in part'
            when parts.target <= parts.won_amount then 'target reached'
            when parts.expected_deals = 0 then 'no data'
            when parts.expected_deals < settings.too_few then 'too few'
            else 'ok'
        end as status,
        case
            when not parts.is_target_in_part and parts.target > parts.won_amount
                then cast(parts.target - parts.won_amount as double)
        end as still_to_win
    from parts
    cross join settings
),

bounds as (
    select
        quarter_ahead,
        segment,
        {% for measure in ['expected_amount', 'marketing_touches', 'sales_touches'] %}
            max(case when measure = '{{ measure }}' then low end) as {{ measure }}_low,
            max(case when measure = '{{ measure }}' then high end)
                as {{ measure }}_high{% if not loop.last %},{% endif %}
        {% endfor %}
    from intervals
    group by quarter_ahead, segment
)

select
    parts.quarter_ahead,
    parts.segment,
    parts.fiscal_year,
    parts.fiscal_quarter,
    parts.starts_on,
    parts.ends_on,
    parts.target,
    cast(parts.won_amount as decimal(18, 2)) as won_amount,
    cast(parts.won_deals as bigint) as won_deals,
    judged.still_to_win,
    cast(parts.expected_amount as decimal(18, 2)) as expected_amount,
    cast(parts.expected_deals as bigint) as expected_deals,
    cast(parts.deals_without_amount as bigint) as deals_without_amount,
    case
        when parts.expected_deals > 0
            then cast(parts.expected_amount as double) / judged.still_to_win
    end as coverage,
    bounds.expected_amount_low / judged.still_to_win as coverage_low,
    bounds.expected_amount_high / judged.still_to_win as coverage_high,
    judged.status,
    cast(parts.overdue_amount as decimal(18, 2)) as overdue_amount,
    cast(parts.overdue_deals as bigint) as overdue_deals,
    cast(parts.undated_amount as decimal(18, 2)) as undated_amount,
    cast(parts.undated_deals as bigint) as undated_deals,
    {% for team in ['marketing', 'sales'] %}
        cast(parts.{{ team }}_touches_now as bigint) as {{ team }}_touches_now,
        cast(parts.{{ team }}_touches_ahead as bigint) as {{ team }}_touches_ahead,
        cast(parts.{{ team }}_touches_ahead as double)
        / nullif(parts.{{ team }}_touches_now + parts.{{ team }}_touches_ahead, 0)
            as {{ team }}_share_ahead,
        bounds.{{ team }}_touches_low as {{ team }}_share_ahead_low,
        bounds.{{ team }}_touches_high as {{ team }}_share_ahead_high,
    {% endfor %}
    parts.spend_now,
    parts.spend_ahead,
    parts.spend_ahead / nullif(parts.spend_now + parts.spend_ahead, 0.0e0) as spend_share_ahead,
    parts.spend_on_nobody,
    settings.reporting_currency as currency,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from parts
inner join judged
    on parts.quarter_ahead = judged.quarter_ahead and parts.segment = judged.segment
left join bounds
    on parts.quarter_ahead = bounds.quarter_ahead and parts.segment = bounds.segment
cross join settings
cross join clock
