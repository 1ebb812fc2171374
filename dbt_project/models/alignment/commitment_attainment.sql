-- Did each team keep its promises of volume: delivered against committed, month by month.
with commitments as (
    select * from {{ source('agreement', 'commitments') }}
    where per_month is not null
),

business_days as (
    select
        day,
        closes_at,
        cast(date_trunc('month', day) as date) as month
    from {{ source('agreement', 'business_days') }}
    where is_business_day
),

deliveries as (
    select * from {{ ref('int_commitment_delivery') }}
),

intervals as (
    select * from {{ source('statistics', 'delivered_volume') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

month_lengths as (
    select
        month,
        count(*) as business_days_in_month
    from business_days
    group by month
),

-- A day counts once it is over. Of two promises in force, the greater one is the promise.
promised_days as (
    select
        commitments.team,
        commitments.metric,
        coalesce(commitments.segment, 'all') as segment,
        business_days.day,
        business_days.month,
        max(commitments.per_month) as per_month
    from commitments
    inner join business_days
        on
            (commitments.from_day is null or commitments.from_day <= business_days.day)
            and (commitments.to_day is null or commitments.to_day >= business_days.day)
    inner join clock on business_days.closes_at <= clock.as_of
    group by
        commitments.team,
        commitments.metric,
        coalesce(commitments.segment, 'all'),
        business_days.day,
        business_days.month
),

promised as (
    select
        promised_days.month,
        promised_days.segment,
        promised_days.team,
        promised_days.metric,
        max(promised_days.per_month) as per_month,
        count(*) as business_days,
        max(month_lengths.business_days_in_month) as business_days_in_month,
        sum(promised_days.per_month) / max(month_lengths.business_days_in_month) as committed
    from promised_days
    inner join month_lengths on promised_days.month = month_lengths.month
    group by
        promised_days.month, promised_days.segment, promised_days.team, promised_days.metric
),

delivered as (
    select
        month,
        segment,
        team,
        metric,
        count(*) as n_delivered,
        sum(case when quantity is null then 1 else 0 end) as n_without_amount,
        sum(coalesce(quantity, 0)) as delivered
    from deliveries
    group by month, segment, team, metric
),

held as (
    select
        promised.month,
        promised.segment,
        promised.team,
        promised.metric,
        promised.per_month,
        promised.business_days,
        promised.business_days_in_month,
        promised.committed,
        coalesce(delivered.delivered, 0) as delivered,
        coalesce(delivered.n_delivered, 0) as n_delivered,
        coalesce(delivered.n_without_amount, 0) as n_without_amount,
        -- A month in which next to nothing came of a great promise is no month of few cases.
        greatest(
            coalesce(delivered.n_delivered, 0),
            case
                when promised.metric in ('pipeline_amount', 'won_amount') then 1
                else cast(ceil(promised.committed) as bigint)
            end
        ) as n,
        intervals.low,
        intervals.high
    from promised
    left join delivered
        on
            promised.month = delivered.month
            and promised.segment = delivered.segment
            and promised.team = delivered.team
            and promised.metric = delivered.metric
    left join intervals
        on
            promised.month = intervals.month
            and promised.segment = intervals.segment
            and promised.team = intervals.team
            and promised.metric = intervals.metric
)

select
    held.month,
    held.segment,
    held.team,
    held.metric,
    held.per_month,
    cast(held.business_days as bigint) as business_days,
    cast(held.business_days_in_month as bigint) as business_days_in_month,
    held.committed,
    cast(held.delivered as double) as delivered,
    cast(held.n_delivered as bigint) as n_delivered,
    cast(held.n_without_amount as bigint) as n_without_amount,
    cast(held.n as bigint) as n,
    cast(held.delivered as double) / held.committed as value,
    case when held.n >= settings.too_few then held.low / held.committed end as low,
    case when held.n >= settings.too_few then held.high / held.committed end as high,
    case
        when held.n < settings.too_few then 'too few'
        when cast(held.delivered as double) >= held.committed then 'on target'
        else 'below target'
    end as status,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from held
cross join settings
cross join clock
