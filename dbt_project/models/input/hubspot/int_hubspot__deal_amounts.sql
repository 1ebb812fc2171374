-- What the history of deals says of their amounts, and which each has now.
with history as (
    select * from {{ ref('stg_hubspot__deal_history') }}
    where property = 'amount'
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owners') }}
),

owner_ids as (
    select
        source,
        user_id,
        min(id) as id
    from owners
    where user_id is not null
    group by source, user_id
),

-- A property's history tells numbers as text.
read_history as (
    select
        source,
        record_key,
        deal_id,
        value,
        case
            when {{ matches_whole('value', "'-?[0-9]{1,12}([.][0-9]*)?'") }}
                then cast(value as decimal(18, 6))
        end as amount,
        changed_at,
        nth,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from history
),

ranked as (
    select
        source,
        deal_id,
        amount,
        row_number() over (
            partition by source, deal_id
            order by changed_at desc nulls last, nth desc nulls last
        ) as recency
    from read_history
    where amount is not null or value is null
),

-- The present amount wins over a history that does not end in it; without a history the deal has
-- had it from the start.
disagreeing as (
    select
        deals.source,
        deals.id || '|present' as record_key,
        deals.id as deal,
        deals.amount,
        case when ranked.deal_id is null then deals.createdate else deals.hs_lastmodifieddate end
            as changed_at,
        deals.origin,
        deals.loaded_at,
        deals.run_id,
        deals.is_deleted
    from deals
    left join ranked
        on deals.source = ranked.source and deals.id = ranked.deal_id and ranked.recency = 1
    where
        deals.amount is not null
        and (ranked.amount is null or ranked.amount <> deals.amount)
)

select
    read_history.source,
    'deal_history' as stream,
    read_history.record_key,
    read_history.deal_id as deal,
    read_history.amount,
    cast(null as string) as currency,
    read_history.changed_at,
    owner_ids.id as changed_by,
    case when read_history.amount is null then read_history.value end as unreadable_amount,
    read_history.origin,
    read_history.loaded_at,
    read_history.run_id,
    read_history.is_deleted
from read_history
left join owner_ids
    on
        read_history.source = owner_ids.source
        and read_history.updated_by_user_id = owner_ids.user_id
union all
select
    source,
    'deals' as stream,
    record_key,
    deal,
    amount,
    cast(null as string) as currency,
    changed_at,
    cast(null as string) as changed_by,
    cast(null as string) as unreadable_amount,
    origin,
    loaded_at,
    run_id,
    is_deleted
from disagreeing
