with versions as (
    select * from {{ source('bound_hubspot', 'owners') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{{ newest_of_api(source('bound_hubspot', 'owners'), [
    'id', 'email', 'first_name', 'last_name', 'user_id', 'team', 'teams', 'created_at',
    'updated_at', 'archived',
]) }}

select
    source,
    record_key,
    {{ text('id') }} as id,
    {{ text('email') }} as email,
    {{ text('first_name') }} as first_name,
    {{ text('last_name') }} as last_name,
    {{ text('user_id') }} as user_id,
    {{ text('team') }} as team,
    {{ text('teams') }} as teams,
    created_at,
    updated_at,
    archived,
    origin,
    loaded_at,
    run_id,
    is_deleted
from newest_records
