-- The touches of each path, in their order.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

contacts as (
    select * from {{ ref('bridge_deal_prospect') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close and team = 'marketing'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

windows as (
    select
        conversions.conversion_id,
        conversions.conversion,
        conversions.prospect_id,
        conversions.deal_id,
        conversions.converted_at,
        conversions.previous_at,
        {{ days_earlier('conversions.converted_at', 'settings.attribution_window_days') }}
            as opens_at
    from conversions
    cross join settings
),

-- Whose touches are looked at: those of the prospect, and of all contacts of a deal.
people as (
    select
        conversion_id,
        prospect_id
    from windows
    where prospect_id is not null
    union
    select
        windows.conversion_id,
        contacts.prospect_id
    from windows
    inner join contacts on windows.deal_id = contacts.deal_id
    where windows.conversion <> 'mql'
),

-- A touch of a contact that is also logged on the deal is one touch.
candidates as (
    select
        people.conversion_id,
        touches.touch_id
    from people
    inner join touches on people.prospect_id = touches.prospect_id
    union
    select
        windows.conversion_id,
        touches.touch_id
    from windows
    inner join touches on windows.deal_id = touches.deal_id
    where windows.conversion <> 'mql'
),

-- A re-entry is a new path: what led to the one before has earned there.
eligible as (
    select
        candidates.conversion_id,
        candidates.touch_id,
        touches.occurred_at,
        touches.channel,
        touches.campaign_id
    from candidates
    inner join windows on candidates.conversion_id = windows.conversion_id
    inner join touches on candidates.touch_id = touches.touch_id
    where
        touches.occurred_at <= windows.converted_at
        and touches.occurred_at >= windows.opens_at
        and (windows.previous_at is null or touches.occurred_at > windows.previous_at)
        and (windows.conversion <> 'mql' or touches.is_path_of_mql)
)

select
    conversion_id,
    touch_id,
    occurred_at,
    coalesce(channel, 'unknown') as channel,
    campaign_id,
    cast(
        row_number() over (
            partition by conversion_id order by occurred_at asc nulls last, touch_id asc nulls last
        ) as bigint
    ) as place,
    cast(count(*) over (partition by conversion_id) as bigint) as touches
from eligible
