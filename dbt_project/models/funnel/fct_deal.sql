with deals as (
    select * from {{ ref('int_deal') }}
),

rates as (
    select * from {{ ref('int_rate') }}
),

journey_deals as (
    select * from {{ ref('int_journey_deal') }}
    where is_primary
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

rated as (
    select
        deals.deal_id,
        {{ applied_rate('deals.currency', 'settings.reporting_currency', 'rates.rate') }}
            as exchange_rate,
        {{
            applied_rate(
                'deals.currency_at_creation', 'settings.reporting_currency', 'first_rates.rate'
            )
        }} as exchange_rate_at_creation
    from deals
    cross join settings
    left join rates on deals.currency = rates.currency and deals.rate_day = rates.day
    left join rates as first_rates
        on
            deals.currency_at_creation = first_rates.currency
            and deals.rate_day = first_rates.day
)

select
    deals.deal_id,
    coalesce(deals.account_id, prospects.account_id) as account_id,
    journey_deals.journey_id,
    deals.name,
    deals.pipeline,
    deals.stage,
    deals.outcome,
    deals.amount,
    deals.currency,
    {{
        in_reporting_currency(
            'deals.amount', 'rated.exchange_rate', 'settings.reporting_currency'
        )
    }} as amount_reporting,
    deals.amount_at_creation,
    deals.currency_at_creation,
    {{
        in_reporting_currency(
            'deals.amount_at_creation', 'rated.exchange_rate_at_creation',
            'settings.reporting_currency'
        )
    }} as amount_at_creation_reporting,
    deals.rate_day,
    rated.exchange_rate,
    deals.created_at,
    deals.started_at,
    deals.closed_at,
    deals.expected_close_on,
    deals.close_reason,
    deals.reopenings,
    deals.lead_source,
    deals.campaign_id,
    deals.owner_id,
    deals.source,
    deals.source_record_id,
    deals.as_of_exact
from deals
inner join rated on deals.deal_id = rated.deal_id
cross join settings
left join journey_deals on deals.deal_id = journey_deals.deal_id
left join prospects on journey_deals.prospect_id = prospects.prospect_id
