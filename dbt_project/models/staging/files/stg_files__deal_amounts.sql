with versions as (
    select * from {{ source('raw_files', 'deal_amounts') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('deal_amounts', ['deal', 'amount', 'currency', 'changed_at', 'changed_by']) }}

select
    source,
    stream,
    record_key,
    {{ text('deal') }} as deal,
    amount,
    {{ text('currency') }} as currency,
    changed_at,
    {{ text('changed_by') }} as changed_by,
    cast(null as string) as unreadable_amount,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
