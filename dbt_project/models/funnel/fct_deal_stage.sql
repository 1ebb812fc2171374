with events as (
    select * from {{ ref('int_deal_event') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

ranked as (
    select
        claim_key,
        row_number() over (partition by deal_id, stage order by place asc nulls last) as entry_seq,
        lead(occurred_at) over (partition by deal_id order by place asc nulls last) as next_at
    from events
    where counts
)

select
    events.claim_key as deal_stage_id,
    events.deal_id,
    events.stage,
    events.occurred_at as entered_at,
    ranked.next_at as exited_at,
    cast(ranked.entry_seq as bigint) as entry_seq,
    events.event = 'reopened' as is_reopening,
    events.counts,
    events.evidence,
    events.source,
    events.source_record_id
from events
inner join deals on events.deal_id = deals.deal_id
left join ranked on events.claim_key = ranked.claim_key
