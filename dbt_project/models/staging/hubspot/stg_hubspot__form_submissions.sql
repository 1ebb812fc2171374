with versions as (
    select * from {{ source('bound_hubspot', 'form_submissions') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'form_submissions'), [
    'form_id', 'conversion_id', 'email', 'page_url', 'submitted_at',
]) }}

select
    source,
    record_key,
    {{ text('form_id') }} as form_id,
    {{ text('conversion_id') }} as conversion_id,
    {{ text('email') }} as email,
    {{ text('page_url') }} as page_url,
    submitted_at,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
