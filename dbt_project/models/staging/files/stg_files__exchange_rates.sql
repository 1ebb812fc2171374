with versions as (
    select * from {{ source('raw_files', 'exchange_rates') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

ranked as (
    select
        versions.*,
        row_number() over (
            partition by versions.source, versions.record_key
            order by
                versions._loaded_at desc nulls last, versions._seq desc nulls last,
                versions.stream asc nulls last
        ) as version_rank
    from versions
    cross join clock
    where versions._loaded_at <= clock.known_at
)

select
    source,
    stream,
    record_key,
    day,
    upper(trim(currency)) as currency,
    rate,
    _origin as origin,
    _loaded_at as loaded_at,
    _run_id as run_id,
    _deleted as is_deleted
from ranked
where version_rank = 1
