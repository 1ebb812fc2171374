-- What each deal adds to the quarters ahead: won in this one, or open and expected in one of them.
with deals as (
    select * from {{ ref('fct_deal') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

quarters as (
    select * from {{ ref('int_road_quarter') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

dated as (
    select
        deals.deal_id,
        coalesce(journeys.segment, 'unknown') as segment,
        coalesce(deals.account_id, journeys.prospect_id, deals.journey_id) as cluster_id,
        deals.outcome,
        deals.amount_reporting,
        case
            when deals.outcome = 'won'
                then {{ local_date('deals.closed_at', 'settings.time_zone') }}
            else deals.expected_close_on
        end as day,
        settings.segment_by is not null as has_segments
    from deals
    inner join journeys on deals.journey_id = journeys.journey_id
    cross join settings
    where deals.outcome in ('open', 'won')
),

-- A date that has passed, or none, tells of no quarter: this one shows them apart.
placed as (
    select
        dated.deal_id,
        dated.segment,
        dated.cluster_id,
        dated.amount_reporting,
        dated.has_segments,
        quarters.quarter_ahead,
        case
            when dated.outcome = 'won' then 'won'
            when dated.day is null then 'undated'
            when dated.day < quarters.today then 'overdue'
            else 'expected'
        end as is_what
    from dated
    inner join quarters
        on
            (dated.day >= quarters.starts_on and dated.day <= quarters.ends_on)
            or (
                quarters.quarter_ahead = 0
                and dated.outcome = 'open'
                and (dated.day is null or dated.day < quarters.starts_on)
            )
    where dated.outcome = 'open' or quarters.quarter_ahead = 0
)

select
    deal_id,
    segment,
    cluster_id,
    quarter_ahead,
    is_what,
    amount_reporting,
    has_segments
from placed
