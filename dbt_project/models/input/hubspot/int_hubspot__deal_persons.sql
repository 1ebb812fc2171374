with associations as (
    select * from {{ ref('stg_hubspot__deal_associations') }}
),

by_pair as (
    select
        source,
        from_id,
        to_id,
        max(label) as role,
        max(origin) as origin,
        max(loaded_at) as loaded_at,
        max(run_id) as run_id,
        min(case when is_deleted then 1 else 0 end) as n_deleted
    from associations
    where to_type = 'contacts'
    group by source, from_id, to_id
)

select
    source,
    'deal_associations' as stream,
    from_id || '|' || to_id as record_key,
    from_id as deal,
    to_id as person,
    role,
    lower(coalesce(role, '')) = 'primary' as is_primary,
    origin,
    loaded_at,
    run_id,
    n_deleted = 1 as is_deleted
from by_pair
