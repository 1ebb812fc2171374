-- The journeys: each pass of a prospect, and one for each deal that no known contact stands behind.
with steps as (
    select * from {{ ref('int_prospect_step') }}
),

states as (
    select * from {{ ref('int_prospect_state') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

contacts as (
    select * from {{ ref('int_deal_contact') }}
),

openings as (
    select
        steps.prospect_id,
        states.opened_so_far as journey_seq,
        steps.kind,
        steps.step_at,
        steps.place
    from steps
    inner join states on steps.prospect_id = states.prospect_id and steps.place = states.place
    where states.opens
),

-- A deal takes the free journey, or the one that it opens.
joinings as (
    select
        steps.prospect_id,
        case when states.has_free then states.newest_free_seq else states.opened_so_far end
            as journey_seq,
        steps.deal_id,
        steps.step_at
    from steps
    inner join states on steps.prospect_id = states.prospect_id and steps.place = states.place
    where steps.kind = 'deal_joined'
),

-- A contact's own exit ends the free journey.
exits as (
    select
        steps.prospect_id,
        states.newest_free_seq as journey_seq,
        steps.stage,
        steps.step_at,
        steps.place
    from steps
    inner join states on steps.prospect_id = states.prospect_id and steps.place = states.place
    where steps.is_exit and states.has_free
),

deals_alone as (
    select
        deals.deal_id,
        deals.started_at
    from deals
    left join contacts on deals.deal_id = contacts.deal_id
    where contacts.deal_id is null
),

final as (
    select
        {{ key(["'prospect'", 'openings.prospect_id', 'openings.journey_seq']) }} as journey_id,
        openings.prospect_id,
        openings.journey_seq,
        openings.kind as opened_by,
        openings.step_at as opened_at,
        openings.place as opened_place,
        joinings.deal_id,
        joinings.step_at as deal_joined_at,
        exits.stage as exit_stage,
        exits.step_at as exited_at,
        exits.place as exited_place
    from openings
    left join joinings
        on
            openings.prospect_id = joinings.prospect_id
            and openings.journey_seq = joinings.journey_seq
    left join exits
        on openings.prospect_id = exits.prospect_id and openings.journey_seq = exits.journey_seq
    union all
    select
        {{ key(["'deal'", 'deal_id']) }} as journey_id,
        cast(null as string) as prospect_id,
        1 as journey_seq,
        'deal_alone' as opened_by,
        started_at as opened_at,
        cast(null as bigint) as opened_place,
        deal_id,
        started_at as deal_joined_at,
        cast(null as string) as exit_stage,
        cast(null as timestamp) as exited_at,
        cast(null as bigint) as exited_place
    from deals_alone
)

select
    journey_id,
    prospect_id,
    cast(journey_seq as integer) as journey_seq,
    opened_by,
    opened_at,
    opened_place,
    deal_id,
    deal_joined_at,
    exit_stage,
    exited_at,
    exited_place
from final
