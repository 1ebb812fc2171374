-- Where each touch by as_of belongs: to the journey of the deal that it is logged on, else to the
-- prospect's earliest open one, else to its last one, after the close. A copy belongs nowhere.
with touches as (
    select * from {{ ref('input_touches') }}
    where not is_deleted
),

links as (
    select * from {{ ref('int_person_link') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

journey_deals as (
    select * from {{ ref('int_journey_deal') }}
),

spans as (
    select * from {{ ref('int_journey_span') }}
),

counted_spans as (
    select
        journey_id,
        prospect_id,
        journey_seq,
        opened_at,
        closed_at,
        count(*) over (partition by journey_id) as of_journey,
        count(*) over (partition by prospect_id) as of_prospect
    from spans
),

copies as (
    select * from {{ ref('int_touch_copies') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

known as (
    select
        touches.touch_key as touch_id,
        touches.occurred_at,
        links.prospect_id,
        deals.deal_id,
        case
            when copies.touch_id is null then coalesce(own.journey_id, primaries.journey_id)
        end as deal_journey_id,
        case
            when copies.touch_id is null and own.journey_id is null and primaries.journey_id is null
                then links.prospect_id
        end as undecided_prospect_id
    from touches
    cross join clock
    left join copies on touches.touch_key = copies.touch_id
    left join links on touches.person_key = links.person_key
    left join deals on touches.deal_key = deals.deal_id
    left join journey_deals as own
        on deals.deal_id = own.deal_id and links.prospect_id = own.prospect_id
    left join journey_deals as primaries
        on deals.deal_id = primaries.deal_id and primaries.is_primary
    where touches.occurred_at <= clock.as_of
),

-- Most prospects have one journey, and most journeys were open once: only the others are ranked.
candidates as (
    select
        known.touch_id,
        spans.journey_id,
        spans.journey_seq,
        spans.opened_at,
        known.occurred_at,
        spans.closed_at
    from known
    inner join counted_spans as spans
        on known.undecided_prospect_id = spans.prospect_id and spans.of_prospect > 1
    union all
    select
        known.touch_id,
        spans.journey_id,
        spans.journey_seq,
        spans.opened_at,
        known.occurred_at,
        spans.closed_at
    from known
    inner join counted_spans as spans
        on known.deal_journey_id = spans.journey_id and spans.of_journey > 1
),

ranked as (
    select
        touch_id,
        journey_id,
        opened_at,
        closed_at,
        row_number() over (
            partition by touch_id
            order by
                {{ span_state('opened_at', 'closed_at', 'occurred_at') }} asc nulls last,
                case
                    when {{ span_state('opened_at', 'closed_at', 'occurred_at') }} = 1
                        then -journey_seq
                    else journey_seq
                end asc nulls last,
                journey_id asc nulls last
        ) as place
    from candidates
),

placed as (
    select
        known.touch_id,
        known.prospect_id,
        known.deal_id,
        coalesce(ranked.journey_id, of_deals.journey_id, of_prospects.journey_id) as journey_id,
        coalesce(ranked.opened_at, of_deals.opened_at, of_prospects.opened_at) as opened_at,
        coalesce(ranked.closed_at, of_deals.closed_at, of_prospects.closed_at) as closed_at,
        known.occurred_at
    from known
    left join ranked on known.touch_id = ranked.touch_id and ranked.place = 1
    left join counted_spans as of_deals
        on known.deal_journey_id = of_deals.journey_id and of_deals.of_journey = 1
    left join counted_spans as of_prospects
        on known.undecided_prospect_id = of_prospects.prospect_id and of_prospects.of_prospect = 1
)

select
    touch_id,
    prospect_id,
    deal_id,
    journey_id,
    case
        when journey_id is not null
            then {{ span_state('opened_at', 'closed_at', 'occurred_at') }} = 1
    end as post_close
from placed
