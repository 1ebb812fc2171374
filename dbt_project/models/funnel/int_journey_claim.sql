-- In which journey a contact's claim stands: an exit in the free one, all else in the earliest
-- open one, and what comes while none is open in the last one. It counts unless it came after the
-- close, or is an exit while a deal is open.
with steps as (
    select * from {{ ref('int_prospect_step') }}
    where kind = 'claim'
),

states as (
    select * from {{ ref('int_prospect_state') }}
),

spans as (
    select * from {{ ref('int_journey_span') }}
),

journeys as (
    select * from {{ ref('int_journey') }}
),

first_open as (
    select
        steps.prospect_id,
        steps.place,
        min(spans.journey_seq) as journey_seq
    from steps
    inner join spans
        on
            steps.prospect_id = spans.prospect_id
            and steps.place >= spans.opened_place
            and (spans.closed_place is null or steps.place <= spans.closed_place)
    group by steps.prospect_id, steps.place
),

placed as (
    select
        steps.claim_key,
        steps.prospect_id,
        case
            when steps.is_exit and states.has_free then states.newest_free_seq
            else coalesce(first_open.journey_seq, states.opened_so_far)
        end as journey_seq,
        case
            when steps.is_exit then states.has_free
            else first_open.journey_seq is not null
        end as counts
    from steps
    inner join states on steps.prospect_id = states.prospect_id and steps.place = states.place
    left join first_open
        on steps.prospect_id = first_open.prospect_id and steps.place = first_open.place
)

select
    placed.claim_key,
    journeys.journey_id,
    placed.prospect_id,
    placed.counts
from placed
inner join journeys
    on placed.prospect_id = journeys.prospect_id and placed.journey_seq = journeys.journey_seq
