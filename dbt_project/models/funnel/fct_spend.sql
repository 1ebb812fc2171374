with spend as (
    select * from {{ ref('input_spend') }}
    where not is_deleted
),

rates as (
    select * from {{ ref('int_rate') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

by_as_of as (
    select
        spend.spend_key,
        spend.day,
        spend.channel,
        spend.campaign_key,
        spend.amount,
        coalesce(spend.currency, settings.reporting_currency) as currency,
        settings.reporting_currency,
        spend.source,
        spend.source_record_id
    from spend
    cross join settings
    cross join clock
    where spend.day <= {{ local_date('clock.as_of', 'settings.time_zone') }}
),

rated as (
    select
        by_as_of.spend_key,
        by_as_of.day,
        by_as_of.channel,
        by_as_of.campaign_key,
        by_as_of.amount,
        by_as_of.currency,
        by_as_of.reporting_currency,
        {{ applied_rate('by_as_of.currency', 'by_as_of.reporting_currency', 'rates.rate') }}
            as exchange_rate,
        by_as_of.source,
        by_as_of.source_record_id
    from by_as_of
    left join rates on by_as_of.currency = rates.currency and by_as_of.day = rates.day
)

select
    spend_key as spend_id,
    day,
    channel,
    campaign_key as campaign_id,
    amount,
    currency,
    {{ in_reporting_currency('amount', 'exchange_rate', 'reporting_currency') }}
        as amount_reporting,
    source,
    source_record_id
from rated
