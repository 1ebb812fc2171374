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
        is_deleted,
        loaded_at,
        run_id
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
        is_deleted,
        loaded_at,
        run_id
    from funnel_excluded
)

select
    excluded_key as quarantine_id,
    source,
    stream,
    source_record_id,
    reason,
    detail,
    run_id,
    entity,
    is_deleted,
    loaded_at
from excluded
