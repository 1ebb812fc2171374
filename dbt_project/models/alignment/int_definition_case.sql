-- Every prospect's journey as the two teams judged it, where a random sample of those that
-- marketing did not qualify was drawn for sales to judge; else there is nothing to reckon with.
with samples as (
    select * from {{ source('agreement', 'sample_campaigns') }}
),

campaigns as (
    select * from {{ ref('dim_campaign') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
    where is_primary and prospect_id is not null
),

qualified as (
    select * from {{ ref('int_qualified_journey') }}
),

exits as (
    select * from {{ ref('fct_funnel_event') }}
    where counts and event in ('disqualified', 'recycled')
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

asked as (
    select count(*) as n_samples
    from samples
),

draws as (
    select
        touches.journey_id,
        min(touches.occurred_at) as drawn_at
    from touches
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
    inner join samples on {{ word('campaigns.name') }} = {{ word('samples.campaign') }}
    group by touches.journey_id
),

refusals as (
    select
        journey_id,
        max(occurred_at) as refused_at
    from exits
    group by journey_id
),

told as (
    select
        journeys.journey_id,
        journeys.prospect_id,
        journeys.account_id,
        coalesce(journeys.segment, 'unknown') as segment,
        coalesce(journeys.lead_at, journeys.aware_at) as lead_at,
        coalesce(qualified.owner_id, prospects.owner_id) as owner_id,
        coalesce(prospects.lead_source, 'unknown') as source,
        qualified.mql_at,
        qualified.sql_at,
        coalesce(qualified.is_decided, 1 = 0) as is_decided,
        draws.drawn_at,
        refusals.refused_at
    from journeys
    inner join asked on asked.n_samples > 0
    left join qualified on journeys.journey_id = qualified.journey_id
    left join draws on journeys.journey_id = draws.journey_id
    left join refusals on journeys.journey_id = refusals.journey_id
    left join prospects on journeys.prospect_id = prospects.prospect_id
),

-- What was drawn is what marketing had not qualified and sales not picked itself by then.
sorted as (
    select
        told.journey_id,
        told.prospect_id,
        told.account_id,
        told.segment,
        told.lead_at,
        told.owner_id,
        told.source,
        told.sql_at,
        told.is_decided,
        told.drawn_at,
        told.refused_at,
        case
            when told.drawn_at is null and told.mql_at is not null then 'qualified'
            when told.mql_at <= told.drawn_at then 'qualified'
            when told.drawn_at is null and told.sql_at is not null then 'picked'
            when told.sql_at < told.drawn_at then 'picked'
            when told.drawn_at is not null then 'drawn'
            else 'rest'
        end as is_what
    from told
    where told.lead_at is not null
)

select
    sorted.journey_id,
    {{ local_month('sorted.lead_at', 'settings.time_zone') }} as month,
    sorted.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(sorted.owner_id, 'unknown') as owner,
    sorted.source,
    coalesce(sorted.account_id, sorted.prospect_id) as cluster_id,
    sorted.is_what,
    case
        when sorted.is_what = 'rest' then cast(null as boolean)
        when sorted.sql_at is not null then 1 = 1
        when sorted.is_what = 'qualified' and sorted.is_decided then 1 = 0
        when sorted.is_what = 'drawn' and sorted.refused_at >= sorted.drawn_at then 1 = 0
    end as is_qualified_by_sales,
    settings.segment_by is not null as has_segments
from sorted
cross join settings
left join users
    on
        sorted.owner_id = users.user_key
        and (users.valid_from is null or sorted.lead_at >= users.valid_from)
        and (users.valid_to is null or sorted.lead_at < users.valid_to)
