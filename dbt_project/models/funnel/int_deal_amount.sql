-- What each deal amounted to by as_of, and from when to when.
with deals as (
    select * from {{ ref('input_deals') }}
    where not is_deleted
),

changes as (
    select * from {{ ref('input_deal_amounts') }}
    where not is_deleted
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

told as (
    select deal_key
    from changes
    group by deal_key
),

-- Of what is told of one moment the last stands.
ranked as (
    select
        changes.deal_key as deal_id,
        changes.amount,
        coalesce(changes.currency, deals.currency, settings.reporting_currency) as currency,
        changes.changed_at,
        row_number() over (
            partition by changes.deal_key, changes.changed_at
            order by
                changes.source_record_id desc nulls last,
                changes.deal_amount_key desc nulls last
        ) as place_from_end
    from changes
    inner join deals on changes.deal_key = deals.deal_key
    cross join clock
    cross join settings
    where changes.changed_at <= clock.as_of
),

-- A deal of which no history tells has always amounted to what it amounts to.
amounts as (
    select
        deal_id,
        amount,
        currency,
        changed_at as valid_from
    from ranked
    where place_from_end = 1
    union all
    select
        deals.deal_key as deal_id,
        deals.amount,
        coalesce(deals.currency, settings.reporting_currency) as currency,
        cast(null as timestamp) as valid_from
    from deals
    cross join settings
    left join told on deals.deal_key = told.deal_key
    where told.deal_key is null
),

with_before as (
    select
        deal_id,
        amount,
        currency,
        valid_from,
        lag(amount) over (partition by deal_id order by valid_from asc nulls first)
            as amount_before,
        lag(currency) over (partition by deal_id order by valid_from asc nulls first)
            as currency_before,
        row_number() over (partition by deal_id order by valid_from asc nulls first) as nth
    from amounts
),

spans as (
    select
        deal_id,
        amount,
        currency,
        valid_from,
        lead(valid_from) over (partition by deal_id order by valid_from asc nulls first)
            as valid_to,
        row_number() over (partition by deal_id order by valid_from asc nulls first) as amount_seq,
        row_number() over (
            partition by deal_id
            order by
                case when amount is null then 1 else 0 end asc nulls last,
                valid_from asc nulls first
        ) as place_with_amount
    from with_before
    where
        nth = 1
        or amount is distinct from amount_before
        or currency is distinct from currency_before
)

select
    deal_id,
    cast(amount_seq as bigint) as amount_seq,
    amount,
    currency,
    valid_from,
    valid_to,
    amount is not null and place_with_amount = 1 as is_first_amount
from spans
