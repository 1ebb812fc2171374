with amounts as (
    select * from {{ ref('int_deal_amount') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

rates as (
    select * from {{ ref('int_rate') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

rated as (
    select
        amounts.deal_id,
        amounts.amount_seq,
        amounts.amount,
        amounts.currency,
        amounts.valid_from,
        amounts.valid_to,
        settings.reporting_currency,
        {{ applied_rate('amounts.currency', 'settings.reporting_currency', 'rates.rate') }}
            as exchange_rate
    from amounts
    inner join deals on amounts.deal_id = deals.deal_id
    cross join settings
    left join rates on amounts.currency = rates.currency and deals.rate_day = rates.day
)

select
    {{ key(['deal_id', 'cast(amount_seq as string)']) }} as deal_amount_id,
    deal_id,
    amount_seq,
    amount,
    currency,
    {{ in_reporting_currency('amount', 'exchange_rate', 'reporting_currency') }}
        as amount_reporting,
    valid_from,
    valid_to
from rated
