-- The exchange rate of each day and currency that a deal or spend needs: the newest one not after
-- the day, unless that is too old.
with deals as (
    select * from {{ ref('int_deal') }}
),

amounts as (
    select * from {{ ref('int_deal_amount') }}
),

spend as (
    select * from {{ ref('input_spend') }}
    where not is_deleted
),

rates as (
    select * from {{ ref('input_exchange_rates') }}
    where not is_deleted
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

needs as (
    select
        deals.currency,
        deals.rate_day as day
    from deals
    cross join settings
    where deals.currency <> settings.reporting_currency
    union
    select
        amounts.currency,
        deals.rate_day as day
    from deals
    inner join amounts on deals.deal_id = amounts.deal_id
    cross join settings
    where amounts.currency <> settings.reporting_currency
    union
    select
        spend.currency,
        spend.day
    from spend
    cross join settings
    where spend.currency <> settings.reporting_currency
),

ranked as (
    select
        needs.currency,
        needs.day,
        rates.rate,
        row_number() over (
            partition by needs.currency, needs.day
            order by
                rates.day desc nulls last, rates.loaded_at desc nulls last,
                rates.exchange_rate_key asc nulls last
        ) as rate_rank
    from needs
    inner join rates
        on
            needs.currency = rates.currency
            and needs.day >= rates.day
            and {{ days_between('rates.day', 'needs.day') }}
            <= {{ var('exchange_rate_max_age_days') }}
)

select
    currency,
    day,
    rate
from ranked
where rate_rank = 1
