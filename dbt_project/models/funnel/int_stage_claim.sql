-- What the records say of stages: one row per subject (a prospect or a deal), stage and instant.
with stage_changes as (
    select * from {{ ref('input_stage_changes') }}
    where not is_deleted
),

links as (
    select * from {{ ref('int_person_link') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

claims as (
    select
        stage_changes.stage_change_key as claim_key,
        links.prospect_id,
        stage_changes.deal_key as deal_id,
        coalesce(stage_changes.deal_key, links.prospect_id) as subject_id,
        coalesce(stage_changes.deal_key, stage_changes.person_key) as record_key,
        stage_changes.stage,
        {{ stage_rank('stage_changes.stage', 'stages.stage_order') }} as stage_rank,
        stage_changes.changed_at as occurred_at,
        stage_changes.evidence,
        {{ evidence_rank('stage_changes.evidence') }} as evidence_rank,
        stage_changes.changed_by_key,
        stage_changes.reason,
        stage_changes.source,
        stage_changes.source_record_id
    from stage_changes
    inner join stages on stage_changes.stage = stages.stage
    left join links on stage_changes.person_key = links.person_key
    where stage_changes.subject_kind = 'deal' or links.prospect_id is not null
),

-- Weaker evidence speaks only where the same record's stronger evidence of the stage is silent.
with_strongest as (
    select
        claim_key,
        subject_id,
        stage,
        occurred_at,
        evidence_rank,
        reason,
        min(evidence_rank) over (partition by record_key, stage) as strongest_rank
    from claims
),

told as (
    select
        claim_key,
        row_number() over (
            partition by subject_id, stage, occurred_at
            order by
                evidence_rank asc nulls last,
                case when reason is null then 1 else 0 end asc nulls last,
                claim_key asc nulls last
        ) as telling
    from with_strongest
    where evidence_rank = strongest_rank
)

select
    claims.claim_key,
    claims.prospect_id,
    claims.deal_id,
    claims.stage,
    claims.stage_rank,
    claims.occurred_at,
    claims.evidence,
    claims.changed_by_key,
    claims.reason,
    claims.source,
    claims.source_record_id
from told
inner join claims on told.claim_key = claims.claim_key
where told.telling = 1
