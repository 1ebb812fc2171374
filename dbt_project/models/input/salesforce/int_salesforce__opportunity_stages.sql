-- When an opportunity's stage changed: of its history, the rows that bring another stage.
with history as (
    select * from {{ ref('stg_salesforce__opportunity_history') }}
),

with_before as (
    select
        source,
        record_key,
        opportunity_id,
        stage_name,
        lag(stage_name) over (
            partition by source, opportunity_id
            order by created_date asc nulls last, record_key asc nulls last
        ) as stage_before,
        row_number() over (
            partition by source, opportunity_id
            order by created_date desc nulls last, record_key desc nulls last
        ) as recency,
        created_by_id,
        created_date,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from history
    where stage_name is not null
)

select
    source,
    record_key,
    opportunity_id,
    stage_name,
    created_by_id,
    created_date as changed_at,
    stage_before is null or stage_before <> stage_name as is_change,
    recency = 1 as is_newest,
    origin,
    loaded_at,
    run_id,
    is_deleted
from with_before
