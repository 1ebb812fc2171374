with input_excluded as (
    select * from {{ ref('input_excluded') }}
),

funnel_excluded as (
    select * from {{ ref('int_funnel_excluded') }}
),

excluded as (
    select
        excluded_key,
        entity,
        source,
        stream,
        source_record_id,
        reason,
        detail,
        origin,
        is_deleted,
        loaded_at,
        run_id,
        'input' as found_by
    from input_excluded
    union all
    select
        excluded_key,
        entity,
        source,
        stream,
        source_record_id,
        reason,
        detail,
        cast(null as string) as origin,
        is_deleted,
        loaded_at,
        run_id,
        'funnel' as found_by
    from funnel_excluded
)

select
    excluded_key as quarantine_id,
    source,
    stream,
    source_record_id,
    reason,
    detail,
    origin,
    run_id,
    entity,
    is_deleted,
    found_by,
    loaded_at
from excluded
