-- The touches that may stand on a path, however long before its end.
with paths as (
    select * from {{ ref('int_path_end') }}
),

contacts as (
    select * from {{ ref('bridge_deal_prospect') }}
),

touches as (
    select * from {{ ref('fct_touch') }}
    where counts and not post_close
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- Marketing's alone, unless the agreement lets both teams earn.
earning as (
    select
        touches.touch_id,
        touches.prospect_id,
        touches.deal_id,
        touches.occurred_at,
        coalesce(touches.channel, 'unknown') as channel,
        touches.campaign_id,
        touches.content,
        touches.is_path_of_mql
    from touches
    cross join settings
    where
        touches.team = 'marketing'
        or (touches.team = 'sales' and settings.attribution_both_teams)
),

-- Whose touches are looked at: those of the prospect, and of all contacts of a deal.
people as (
    select
        path_id,
        conversion,
        previous_at,
        ended_at,
        prospect_id
    from paths
    where prospect_id is not null
    union
    select
        paths.path_id,
        paths.conversion,
        paths.previous_at,
        paths.ended_at,
        contacts.prospect_id
    from paths
    inner join contacts on paths.deal_id = contacts.deal_id
    where paths.conversion <> 'mql'
),

-- A re-entry is a new path: what led to the one before has earned there. Each branch is filtered by
-- itself, for an engine that joins by the times first would pair each path with most touches.
of_people as (
    select
        people.path_id,
        earning.touch_id,
        earning.occurred_at,
        earning.channel,
        earning.campaign_id,
        earning.content
    from people
    inner join earning on people.prospect_id = earning.prospect_id
    where
        earning.occurred_at <= people.ended_at
        and (people.previous_at is null or earning.occurred_at > people.previous_at)
        and (people.conversion <> 'mql' or earning.is_path_of_mql)
),

of_deals as (
    select
        paths.path_id,
        earning.touch_id,
        earning.occurred_at,
        earning.channel,
        earning.campaign_id,
        earning.content
    from paths
    inner join earning on paths.deal_id = earning.deal_id
    where
        paths.conversion <> 'mql'
        and earning.occurred_at <= paths.ended_at
        and (paths.previous_at is null or earning.occurred_at > paths.previous_at)
),

-- A touch of a contact that is also logged on the deal is one touch.
final as (
    select
        path_id,
        touch_id,
        occurred_at,
        channel,
        campaign_id,
        content
    from of_people
    union
    select
        path_id,
        touch_id,
        occurred_at,
        channel,
        campaign_id,
        content
    from of_deals
)

select
    path_id,
    touch_id,
    occurred_at,
    channel,
    campaign_id,
    content
from final
