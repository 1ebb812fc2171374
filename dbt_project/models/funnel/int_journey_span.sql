-- When each journey was open, in time and in places of its prospect's steps: once, and again after
-- each reopening of its deal. A journey that carries no deal ends with its contact's own exit.
with journeys as (
    select * from {{ ref('int_journey') }}
),

steps as (
    select * from {{ ref('int_prospect_step') }}
),

deal_spans as (
    select * from {{ ref('int_deal_span') }}
),

deal_openings as (
    select
        prospect_id,
        deal_id,
        period,
        step_at,
        place
    from steps
    where kind in ('deal_joined', 'deal_reopened')
),

deal_closings as (
    select
        prospect_id,
        deal_id,
        period,
        step_at,
        place
    from steps
    where kind = 'deal_closed'
),

with_deal as (
    select
        journeys.journey_id,
        deal_openings.period,
        case when deal_openings.period = 0 then journeys.opened_at else deal_openings.step_at end
            as opened_at,
        case when deal_openings.period = 0 then journeys.opened_place else deal_openings.place end
            as opened_place,
        deal_closings.step_at as closed_at,
        deal_closings.place as closed_place
    from journeys
    inner join deal_openings
        on
            journeys.prospect_id = deal_openings.prospect_id
            and journeys.deal_id = deal_openings.deal_id
    left join deal_closings
        on
            deal_openings.prospect_id = deal_closings.prospect_id
            and deal_openings.deal_id = deal_closings.deal_id
            and deal_openings.period = deal_closings.period
),

final as (
    select
        journey_id,
        period,
        opened_at,
        opened_place,
        closed_at,
        closed_place
    from with_deal
    union all
    select
        journey_id,
        cast(0 as bigint) as period,
        opened_at,
        opened_place,
        exited_at as closed_at,
        exited_place as closed_place
    from journeys
    where deal_id is null
    union all
    select
        journeys.journey_id,
        deal_spans.period,
        deal_spans.opened_at,
        cast(null as bigint) as opened_place,
        deal_spans.closed_at,
        cast(null as bigint) as closed_place
    from journeys
    inner join deal_spans on journeys.deal_id = deal_spans.deal_id
    where journeys.prospect_id is null
)

select
    final.journey_id,
    journeys.prospect_id,
    journeys.journey_seq,
    final.period,
    final.opened_at,
    final.opened_place,
    final.closed_at,
    final.closed_place
from final
inner join journeys on final.journey_id = journeys.journey_id
