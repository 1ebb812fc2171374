with versions as (
    select * from {{ source('raw_files', 'exchange_rates') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('exchange_rates', [
    'day', 'currency', 'rate',
]) }}

select
    source,
    stream,
    record_key,
    day,
    upper({{ text('currency') }}) as currency,
    rate,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
