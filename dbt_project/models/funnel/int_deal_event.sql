-- A deal's stage entries and exits by as_of, in order. What says again which stage the deal is in
-- is no entry.
with claims as (
    select * from {{ ref('int_deal_claim') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- The state that a claim sets: 0 open, 1 closed without a win, 2 won; a recycling sets none.
placed as (
    select
        claims.claim_key,
        claims.deal_id,
        claims.stage,
        claims.is_after_close,
        case
            when claims.stage = 'won' then 2
            when {{ closes('claims.stage') }} then 1
            when claims.stage <> 'recycled' then 0
        end as state,
        cast(
            row_number() over (
                partition by claims.deal_id, claims.is_after_close
                order by
                    claims.occurred_at asc nulls last, claims.stage_rank asc nulls last,
                    claims.claim_key asc nulls last
            ) as bigint
        ) as place
    from claims
    cross join clock
    where claims.occurred_at <= clock.as_of
),

with_previous as (
    select
        claim_key,
        deal_id,
        stage,
        is_after_close,
        state,
        place,
        lag(stage) over (
            partition by deal_id, is_after_close order by place asc nulls last
        ) as previous_stage
    from placed
),

entries as (
    select
        claim_key,
        deal_id,
        stage,
        is_after_close,
        state,
        place,
        {{ carried('state', 3, 'deal_id, is_after_close') }} as state_before
    from with_previous
    where previous_stage is null or previous_stage <> stage
),

judged as (
    select
        claim_key,
        deal_id,
        is_after_close,
        place,
        case
            when state = 0 and state_before > 0 and not is_after_close then 'reopened'
            else {{ stage_event('stage') }}
        end as event,
        case
            when is_after_close then 1 = 0
            when state is null then state_before = 0
            when state = 0 then 1 = 1
            else state <> state_before
        end as counts
    from entries
)

select
    judged.claim_key,
    judged.deal_id,
    judged.event,
    claims.stage,
    claims.stage_rank,
    claims.occurred_at,
    claims.evidence,
    judged.counts,
    judged.is_after_close,
    judged.place,
    cast(
        sum(case when judged.event = 'reopened' then 1 else 0 end) over (
            partition by judged.deal_id, judged.is_after_close order by judged.place asc nulls last
            rows between unbounded preceding and current row
        ) as bigint
    ) as period,
    claims.changed_by_key,
    claims.reason,
    claims.source,
    claims.source_record_id
from judged
inner join claims on judged.claim_key = claims.claim_key
