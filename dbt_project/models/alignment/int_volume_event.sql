-- What can be promised by volume, each once: who entered which stage when, which deals were opened
-- and won, and for how much.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

events as (
    select * from {{ ref('fct_funnel_event') }}
    where counts
),

conversions as (
    select * from {{ ref('int_conversion') }}
    where conversion in ('opportunity', 'won') and conversion_seq = 1
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where not is_exit
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- From here on a stage is a deal's: a deal with several contacts is in it once.
deal_stages as (
    select
        coalesce(
            min(case when stage = 'opportunity' then stage_order end), max(stage_order)
        ) as first_order
    from stages
),

-- Who is sent back and comes again is no second one.
entries as (
    select
        events.stage as metric,
        events.journey_id,
        min(events.occurred_at) as occurred_at
    from events
    inner join stages on events.stage = stages.stage
    inner join journeys on events.journey_id = journeys.journey_id
    cross join deal_stages
    where
        stages.stage <> 'won'
        and (
            journeys.is_primary
            or (not events.is_of_deal and stages.stage_order < deal_stages.first_order)
        )
    group by events.stage, events.journey_id
),

happened as (
    select
        metric,
        journey_id,
        occurred_at,
        cast(1 as decimal(18, 2)) as quantity
    from entries
    union all
    -- A win that was taken back is none.
    select
        'won' as metric,
        journey_id,
        converted_at as occurred_at,
        cast(1 as decimal(18, 2)) as quantity
    from conversions
    where conversion = 'won'
    union all
    select
        case conversion when 'won' then 'won_amount' else 'pipeline_amount' end as metric,
        journey_id,
        converted_at as occurred_at,
        cast(amount as decimal(18, 2)) as quantity
    from conversions
)

select
    happened.metric,
    happened.journey_id,
    journeys.deal_id,
    journeys.segment,
    coalesce(journeys.account_id, journeys.prospect_id, journeys.journey_id) as cluster_id,
    happened.occurred_at,
    {{ local_date('happened.occurred_at', 'settings.time_zone') }} as day,
    happened.quantity
from happened
inner join journeys on happened.journey_id = journeys.journey_id
cross join settings
-- Nothing says in which month an undated win fell.
where happened.occurred_at is not null
