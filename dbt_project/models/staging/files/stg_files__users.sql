with versions as (
    select * from {{ source('raw_files', 'users') }}
),

rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_versions('users', [
    'record_id', 'full_name', 'email', 'role', 'role_vocabulary', 'valid_from', 'valid_to',
]) }}

select
    source,
    stream,
    record_key,
    {{ text('record_id') }} as record_id,
    {{ text('full_name') }} as full_name,
    {{ text('email') }} as email,
    {{ text('role') }} as role,
    role_vocabulary,
    valid_from,
    valid_to,
    lake_record_id,
    fill,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
