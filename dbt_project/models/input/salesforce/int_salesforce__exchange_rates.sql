-- Salesforce tells units of a currency for one of the corporate currency; here it is the other way
-- round, for one unit of the reporting currency, whichever of the currencies that is.
with dated as (
    select * from {{ ref('stg_salesforce__dated_conversion_rates') }}
),

types as (
    select * from {{ ref('stg_salesforce__currency_types') }}
),

business_days as (
    select * from {{ source('agreement', 'business_days') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- Without dated rates the one rate of each currency holds from the day on which it was set.
sources_with_dates as (
    select source
    from dated
    group by source
),

spans as (
    select
        source,
        record_key,
        iso_code,
        conversion_rate,
        start_date,
        next_start_date,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from dated
    union all
    select
        types.source,
        types.record_key,
        types.iso_code,
        types.conversion_rate,
        cast(types.created_date as date) as start_date,
        cast(null as date) as next_start_date,
        types.origin,
        types.loaded_at,
        types.run_id,
        types.is_deleted
    from types
    left join sources_with_dates on types.source = sources_with_dates.source
    where sources_with_dates.source is null
),

per_day as (
    select
        spans.source,
        spans.record_key,
        spans.iso_code,
        spans.conversion_rate,
        business_days.day,
        spans.origin,
        spans.loaded_at,
        spans.run_id,
        spans.is_deleted
    from spans
    cross join clock
    inner join business_days
        on
            spans.start_date <= business_days.day
            and cast(clock.as_of as date) >= business_days.day
            and (spans.next_start_date is null or spans.next_start_date > business_days.day)
),

of_reporting as (
    select
        per_day.source,
        per_day.day,
        max(per_day.conversion_rate) as conversion_rate
    from per_day
    cross join settings
    where per_day.iso_code = settings.reporting_currency and not per_day.is_deleted
    group by per_day.source, per_day.day
)

select
    per_day.source,
    'dated_conversion_rates' as stream,
    per_day.iso_code || '|' || cast(per_day.day as string) as record_key,
    per_day.day,
    per_day.iso_code as currency,
    cast(of_reporting.conversion_rate / per_day.conversion_rate as decimal(28, 12)) as rate,
    per_day.origin,
    per_day.loaded_at,
    per_day.run_id,
    per_day.is_deleted
from per_day
inner join of_reporting
    on per_day.source = of_reporting.source and per_day.day = of_reporting.day
cross join settings
where per_day.iso_code <> settings.reporting_currency and per_day.conversion_rate > 0
