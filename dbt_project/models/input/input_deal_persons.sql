with deal_persons as (
    select * from {{ ref('int_deal_persons_checked') }}
),

copies as (
    select * from {{ ref('int_deal_copies') }}
)

select
    deal_persons.deal_person_key,
    deal_persons.source,
    deal_persons.source_record_id,
    coalesce(copies.same_as_key, deal_persons.deal_key) as deal_key,
    deal_persons.person_key,
    deal_persons.role,
    deal_persons.is_primary,
    deal_persons.is_deleted,
    deal_persons.loaded_at,
    deal_persons.run_id
from deal_persons
left join copies on deal_persons.deal_key = copies.deal_key
where deal_persons.fault_reason is null
