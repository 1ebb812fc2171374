-- Every path towards a conversion, and how it ended: those that came to it, and those that did not.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

stages as (
    select * from {{ source('agreement', 'stages') }}
    where stage in ({{ conversion_stages() }})
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

converted as (
    select
        conversion,
        journey_id
    from conversions
    group by conversion, journey_id
),

-- As with the conversions: a prospect comes to mql, a deal once for all its contacts to the others.
unconverted as (
    select
        stages.stage as conversion,
        journeys.journey_id,
        journeys.deal_id,
        journeys.prospect_id,
        journeys.aware_at as opened_at,
        case when journeys.outcome = 'open' then 'open' else 'closed' end as ending,
        case
            when journeys.outcome = 'open' then clock.as_of
            when journeys.deal_id is not null then deals.closed_at
            else coalesce(journeys.won_at, journeys.lost_at, journeys.disqualified_at)
        end as ended_at
    from journeys
    cross join stages
    cross join clock
    left join deals on journeys.deal_id = deals.deal_id
    left join converted
        on stages.stage = converted.conversion and journeys.journey_id = converted.journey_id
    where
        converted.journey_id is null
        and (
            (stages.stage = 'mql' and journeys.prospect_id is not null)
            or (stages.stage <> 'mql' and journeys.is_primary)
        )
),

-- What has led to an mql in another journey of the prospect has earned there.
earlier_mqls as (
    select
        unconverted.journey_id,
        max(conversions.converted_at) as previous_at
    from unconverted
    inner join conversions
        on
            unconverted.conversion = conversions.conversion
            and unconverted.prospect_id = conversions.prospect_id
            and unconverted.ended_at >= conversions.converted_at
    where unconverted.conversion = 'mql'
    group by unconverted.journey_id
)

select
    conversion_id as path_id,
    conversion,
    'conversion' as ending,
    journey_id,
    deal_id,
    prospect_id,
    cast(null as timestamp) as opened_at,
    converted_at as ended_at,
    previous_at
from conversions
union all
select
    {{ key(["'unconverted'", 'unconverted.conversion', 'unconverted.journey_id']) }} as path_id,
    unconverted.conversion,
    unconverted.ending,
    unconverted.journey_id,
    unconverted.deal_id,
    unconverted.prospect_id,
    unconverted.opened_at,
    unconverted.ended_at,
    earlier_mqls.previous_at
from unconverted
left join earlier_mqls
    on unconverted.conversion = 'mql' and unconverted.journey_id = earlier_mqls.journey_id
