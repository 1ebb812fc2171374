with associations as (
    select * from {{ ref('stg_hubspot__deal_associations') }}
),

with_label as (
    select
        source,
        from_id,
        to_id,
        lower(coalesce(label, '')) = 'primary' as is_primary,
        case when lower(label) <> 'primary' then label end as role,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from associations
    where to_type = 'companies'
),

-- A pair has a row for each label; one that has been taken off says nothing any more.
by_pair as (
    select
        source,
        from_id,
        to_id,
        coalesce(
            min(case when not is_deleted then role end), min(case when is_deleted then role end)
        ) as role,
        max(case when is_primary and not is_deleted then 1 else 0 end) as n_primary,
        max(origin) as origin,
        max(loaded_at) as loaded_at,
        max(run_id) as run_id,
        min(case when is_deleted then 1 else 0 end) as n_deleted
    from with_label
    group by source, from_id, to_id
)

select
    source,
    'deal_associations' as stream,
    from_id || '|' || to_id as record_key,
    from_id as deal,
    to_id as account,
    role,
    n_primary = 1 as is_primary,
    origin,
    loaded_at,
    run_id,
    n_deleted = 1 as is_deleted
from by_pair
