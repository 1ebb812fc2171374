-- Who brought each deal, by three definitions, and whether marketing worked on it before.
with origins as (
    select * from {{ ref('int_deal_origin') }}
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

deal_touches as (
    select * from {{ ref('int_deal_touch') }}
    where team = 'marketing'
),

lead_source_words as (
    select * from {{ source('agreement', 'lead_source_words') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

recorded as (
    select
        origins.deal_id,
        journeys.prospect_id,
        journeys.segment,
        coalesce(deals.lead_source, prospects.lead_source) as recorded_source
    from origins
    inner join deals on origins.deal_id = deals.deal_id
    inner join journeys on origins.journey_id = journeys.journey_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
),

windows as (
    select
        origins.deal_id,
        origins.opportunity_at,
        origins.won_at,
        {{ days_earlier('origins.opportunity_at', 'settings.attribution_window_days') }}
            as opportunity_window_opens_at,
        {{ days_earlier('origins.won_at', 'settings.attribution_window_days') }}
            as won_window_opens_at
    from origins
    cross join settings
),

influences as (
    select
        windows.deal_id,
        max(
            case
                when
                    deal_touches.occurred_at >= windows.opportunity_window_opens_at
                    and deal_touches.occurred_at <= windows.opportunity_at
                    then 1
                else 0
            end
        ) as is_opportunity_influenced,
        max(
            case
                when
                    deal_touches.occurred_at >= windows.won_window_opens_at
                    and deal_touches.occurred_at <= windows.won_at
                    then 1
                else 0
            end
        ) as is_won_influenced
    from windows
    inner join deal_touches on windows.deal_id = deal_touches.deal_id
    group by windows.deal_id
),

-- What no contact is known of was found by sales, unless a touch on the deal tells otherwise.
judged as (
    select
        origins.deal_id,
        lead_source_words.team as recorded,
        case
            when origins.first_touch_id is not null then origins.first_touch_team
            when not origins.has_contact then 'sales'
        end as first_touch,
        case
            when
                origins.first_marketing_touch_at < origins.first_sales_at
                or (
                    origins.first_marketing_touch_at is not null and origins.first_sales_at is null
                )
                then 'marketing'
            else 'sales'
        end as before_sales
    from origins
    inner join recorded on origins.deal_id = recorded.deal_id
    left join lead_source_words
        on {{ word('recorded.recorded_source') }} = {{ word('lead_source_words.word') }}
)

select
    origins.deal_id,
    origins.journey_id,
    recorded.prospect_id,
    recorded.segment,
    recorded.recorded_source,
    origins.opportunity_at,
    origins.won_at,
    judged.recorded,
    judged.first_touch,
    judged.before_sales,
    judged.recorded is not null or judged.first_touch is not null as is_comparable,
    coalesce(judged.recorded <> judged.before_sales, 1 = 0)
    or coalesce(judged.first_touch <> judged.before_sales, 1 = 0) as is_disagreed,
    coalesce(influences.is_opportunity_influenced = 1, 1 = 0) as is_opportunity_influenced,
    coalesce(influences.is_won_influenced = 1, 1 = 0) as is_won_influenced
from origins
inner join recorded on origins.deal_id = recorded.deal_id
inner join judged on origins.deal_id = judged.deal_id
left join influences on origins.deal_id = influences.deal_id
