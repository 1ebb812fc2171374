-- What the history of opportunities says of their amounts, and which each has now.
with history as (
    select * from {{ ref('stg_salesforce__opportunity_history') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

-- A row is written whenever the stage, the amount, the probability or the close date changes.
numbered as (
    select
        source,
        record_key,
        opportunity_id,
        amount,
        currency_iso_code,
        created_by_id,
        created_date,
        origin,
        loaded_at,
        run_id,
        is_deleted,
        row_number() over (
            partition by source, opportunity_id
            order by created_date asc nulls last, record_key asc nulls last
        ) as nth,
        row_number() over (
            partition by source, opportunity_id
            order by created_date desc nulls last, record_key desc nulls last
        ) as recency,
        lag(amount) over (
            partition by source, opportunity_id
            order by created_date asc nulls last, record_key asc nulls last
        ) as amount_before,
        lag(currency_iso_code) over (
            partition by source, opportunity_id
            order by created_date asc nulls last, record_key asc nulls last
        ) as currency_before
    from history
),

-- The present amount wins over a history that does not end in it; without a history the
-- opportunity has had it from the start.
disagreeing as (
    select
        opportunities.source,
        opportunities.id || '|present' as record_key,
        opportunities.id as deal,
        opportunities.amount,
        opportunities.currency_iso_code as currency,
        case
            when numbered.opportunity_id is null then opportunities.created_date
            else opportunities.system_modstamp
        end as changed_at,
        opportunities.origin,
        opportunities.loaded_at,
        opportunities.run_id,
        opportunities.is_deleted
    from opportunities
    left join numbered
        on
            opportunities.source = numbered.source
            and opportunities.id = numbered.opportunity_id
            and numbered.recency = 1
    where
        opportunities.amount is not null
        and (numbered.amount is null or numbered.amount <> opportunities.amount)
)

select
    source,
    'opportunity_history' as stream,
    record_key,
    opportunity_id as deal,
    amount,
    currency_iso_code as currency,
    created_date as changed_at,
    created_by_id as changed_by,
    cast(null as string) as unreadable_amount,
    origin,
    loaded_at,
    run_id,
    is_deleted
from numbered
where
    nth = 1
    or amount is distinct from amount_before
    or currency_iso_code is distinct from currency_before
union all
select
    source,
    'opportunities' as stream,
    record_key,
    deal,
    amount,
    currency,
    changed_at,
    cast(null as string) as changed_by,
    cast(null as string) as unreadable_amount,
    origin,
    loaded_at,
    run_id,
    is_deleted
from disagreeing
