with stage_changes as (
    select * from {{ ref('input_stage_changes') }}
),

-- What no history tells is there only because the present stage says it.
subjects as (
    select
        source,
        subject_kind,
        coalesce(person_key, deal_key) as subject_key,
        max(case when evidence = 'observed' then 1 else 0 end) as disagrees,
        min(case when evidence = 'observed' then source_record_id end) as example
    from stage_changes
    where not is_deleted
    group by source, subject_kind, coalesce(person_key, deal_key)
)

select
    source,
    subject_kind,
    count(*) as n_subjects,
    cast(sum(disagrees) as bigint) as n_disagreeing,
    cast(sum(disagrees) as double) / count(*) as disagreeing_share,
    min(example) as example_record_id
from subjects
group by source, subject_kind
