with claims as (
    select * from {{ ref('int_hubspot__stage_claims') }}
),

exit_reasons as (
    select * from {{ ref('int_hubspot__exit_reasons') }}
),

stage_words as (
    select * from {{ source('agreement', 'stage_words') }}
),

-- A column of stages that the agreement does not name tells of no stage.
vocabularies as (
    select vocabulary
    from stage_words
    group by vocabulary
)

select
    claims.source,
    claims.stream,
    claims.record_key,
    claims.subject_kind,
    claims.subject,
    claims.stage,
    claims.stage_vocabulary,
    claims.changed_at,
    claims.evidence,
    claims.changed_by,
    exit_reasons.reason,
    claims.origin,
    claims.loaded_at,
    claims.run_id,
    claims.is_deleted
from claims
inner join vocabularies
    on claims.stage_vocabulary = vocabularies.vocabulary
left join exit_reasons
    on claims.source = exit_reasons.source and claims.record_key = exit_reasons.record_key
