with versions as (
    select * from {{ source('raw_files', 'deal_accounts') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('deal_accounts', [
    'deal', 'account', 'role', 'is_primary',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('deal') }} as deal,
    {{ text('account') }} as account,
    {{ text('role') }} as role,
    is_primary,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
