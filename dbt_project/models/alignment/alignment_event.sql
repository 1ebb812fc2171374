-- Every event that a measure stands on, once, with its dimensions.
with handoffs as (
    select * from {{ ref('int_handoff_event') }}
),

definitions as (
    select * from {{ ref('int_definition_event') }}
),

nurture as (
    select * from {{ ref('int_nurture_event') }}
),

judged as (
    select * from {{ ref('int_definition_case') }}
    where is_what = 'drawn' and is_qualified_by_sales is not null
),

silences as (
    select * from {{ ref('int_nurture_silence') }}
),

roles as (
    select * from {{ ref('int_role_event') }}
),

sourced as (
    select * from {{ ref('int_sourced_event') }}
),

waits as (
    select * from {{ ref('int_response_wait') }}
),

-- Behind each quantile stand all waits of its measure.
quantiles as (
    select 'p50' as quantile
    union all
    select 'p90' as quantile
),

responses as (
    select
        waits.measure || '.' || quantiles.quantile as metric,
        waits.handoff_id,
        waits.ended_by = 1 as in_numerator
    from waits
    cross join quantiles
    union all
    select
        measure as metric,
        handoff_id,
        ended_by = 1 as in_numerator
    from waits
    where measure = 'response_time'
),

slices as (
    select * from {{ ref('int_handoff_slice') }}
),

final as (
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        handoff_id,
        cast(null as string) as deal_id,
        in_numerator
    from handoffs
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        cast(null as string) as deal_id,
        in_numerator
    from definitions
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        deal_id,
        in_numerator
    from nurture
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        deal_id,
        is_beyond_window as in_numerator
    from silences
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        deal_id,
        in_numerator
    from roles
    union all
    -- Behind kappa stand those of the sample that sales judged.
    select
        'definition_agreement.kappa' as metric,
        journey_id as event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        cast(null as string) as deal_id,
        is_qualified_by_sales as in_numerator
    from judged
    union all
    select
        metric,
        event_id,
        month,
        segment,
        team,
        owner,
        source,
        journey_id,
        cast(null as string) as handoff_id,
        deal_id,
        in_numerator
    from sourced
    union all
    select
        responses.metric,
        responses.handoff_id as event_id,
        slices.month,
        slices.segment,
        slices.team,
        slices.owner,
        slices.source,
        slices.journey_id,
        responses.handoff_id,
        cast(null as string) as deal_id,
        responses.in_numerator
    from responses
    inner join slices on responses.handoff_id = slices.handoff_id
)

select
    metric,
    event_id,
    month,
    segment,
    team,
    owner,
    source,
    journey_id,
    handoff_id,
    deal_id,
    in_numerator,
    1 = 1 as in_denominator
from final
