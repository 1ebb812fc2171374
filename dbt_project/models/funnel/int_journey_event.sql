-- Every observed entry and exit of each journey, in order. What says again what the journey is in
-- already is no entry.
with journeys as (
    select * from {{ ref('int_journey') }}
),

journey_claims as (
    select * from {{ ref('int_journey_claim') }}
),

claims as (
    select * from {{ ref('int_stage_claim') }}
    where prospect_id is not null
),

deal_events as (
    select * from {{ ref('int_deal_event') }}
),

starts as (
    select * from {{ ref('int_prospect_start') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

last_places as (
    select
        deal_id,
        max(place) as last_place
    from deal_events
    where counts
    group by deal_id
),

-- A deal that closed before its contact was known ends the journey when both are there.
moves as (
    select
        journey_claims.journey_id,
        claims.claim_key,
        {{ stage_event('claims.stage') }} as event,
        claims.stage,
        claims.stage_rank,
        claims.occurred_at,
        claims.occurred_at as placed_at,
        claims.evidence,
        journey_claims.counts,
        1 = 0 as is_of_deal,
        1 = 0 as is_after_close,
        claims.changed_by_key,
        claims.reason,
        claims.source,
        claims.source_record_id
    from journey_claims
    inner join claims on journey_claims.claim_key = claims.claim_key
    union all
    select
        journeys.journey_id,
        deal_events.claim_key,
        deal_events.event,
        deal_events.stage,
        deal_events.stage_rank,
        deal_events.occurred_at,
        case
            when
                deal_events.place = last_places.last_place
                and {{ closes('deal_events.stage') }}
                and deal_events.occurred_at < journeys.deal_joined_at
                then journeys.deal_joined_at
            else deal_events.occurred_at
        end as placed_at,
        deal_events.evidence,
        deal_events.counts,
        1 = 1 as is_of_deal,
        deal_events.is_after_close,
        deal_events.changed_by_key,
        deal_events.reason,
        deal_events.source,
        deal_events.source_record_id
    from journeys
    inner join deal_events on journeys.deal_id = deal_events.deal_id
    left join last_places on deal_events.deal_id = last_places.deal_id
),

first_moves as (
    select
        journey_id,
        min(occurred_at) as occurred_at
    from moves
    where counts
    group by journey_id
),

-- The first touch or record makes a prospect aware, unless the journey was further on by then.
awareness as (
    select
        journeys.journey_id,
        stages.stage,
        stages.stage_order,
        starts.known_since as occurred_at,
        starts.evidence,
        starts.source,
        starts.source_record_id
    from journeys
    inner join starts on journeys.prospect_id = starts.prospect_id
    inner join stages on stages.stage = 'aware'
    left join first_moves on journeys.journey_id = first_moves.journey_id
    where
        journeys.opened_by = 'start'
        and starts.sign in ('touch', 'record')
        and starts.known_since is not null
        and (first_moves.occurred_at is null or starts.known_since <= first_moves.occurred_at)
),

all_events as (
    select
        journey_id,
        claim_key,
        event,
        stage,
        stage_rank,
        occurred_at,
        placed_at,
        evidence,
        counts,
        is_of_deal,
        1 = 0 as is_first_sign,
        is_after_close,
        changed_by_key,
        reason,
        source,
        source_record_id
    from moves
    union all
    select
        journey_id,
        {{ key(["'aware'", 'journey_id']) }} as claim_key,
        'stage_entered' as event,
        stage,
        stage_order as stage_rank,
        occurred_at,
        occurred_at as placed_at,
        evidence,
        1 = 1 as counts,
        1 = 0 as is_of_deal,
        1 = 1 as is_first_sign,
        1 = 0 as is_after_close,
        cast(null as string) as changed_by_key,
        cast(null as string) as reason,
        source,
        source_record_id
    from awareness
),

-- Where the same is said of one instant, the contact's record comes before the deal's, then the
-- most trusted evidence, and what is told before what the first sign only shows.
placed as (
    select
        journey_id,
        claim_key,
        stage,
        counts,
        cast(
            row_number() over (
                partition by journey_id
                order by
                    placed_at asc nulls last, stage_rank asc nulls last, is_of_deal asc nulls last,
                    {{ evidence_rank('evidence') }} asc nulls last, is_first_sign asc nulls last,
                    claim_key asc nulls last
            ) as bigint
        ) as place
    from all_events
),

with_previous as (
    select
        journey_id,
        claim_key,
        stage,
        counts,
        place,
        lag(stage) over (partition by journey_id, counts order by place asc nulls last)
            as previous_stage
    from placed
)

select
    {{ key(['all_events.journey_id', 'all_events.claim_key']) }} as event_id,
    all_events.journey_id,
    with_previous.place,
    all_events.event,
    all_events.stage,
    stages.stage_order,
    all_events.occurred_at,
    all_events.evidence,
    all_events.counts,
    all_events.is_of_deal,
    all_events.is_after_close,
    all_events.changed_by_key,
    all_events.reason,
    all_events.source,
    all_events.source_record_id
from with_previous
inner join all_events
    on
        with_previous.journey_id = all_events.journey_id
        and with_previous.claim_key = all_events.claim_key
inner join stages on all_events.stage = stages.stage
where
    not with_previous.counts
    or with_previous.previous_stage is null
    or with_previous.previous_stage <> with_previous.stage
