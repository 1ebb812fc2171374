with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
)

select
    source,
    'opportunities' as stream,
    id || '|' || account_id as record_key,
    id as deal,
    account_id as account,
    cast(null as string) as role,
    1 = 1 as is_primary,
    origin,
    loaded_at,
    run_id,
    is_deleted
from opportunities
where account_id is not null
