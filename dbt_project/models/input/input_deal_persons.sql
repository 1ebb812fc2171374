with deal_persons as (
    select * from {{ ref('int_deal_persons_checked') }}
)

select
    deal_person_key,
    source,
    source_record_id,
    deal_key,
    person_key,
    role,
    is_primary,
    is_deleted,
    loaded_at,
    run_id
from deal_persons
where fault_reason is null
