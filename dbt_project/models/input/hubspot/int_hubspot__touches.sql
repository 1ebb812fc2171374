with engagements as (
    select * from {{ ref('int_hubspot__engagements') }}
),

engaged as (
    select * from {{ ref('int_hubspot__engaged') }}
),

marketing as (
    select * from {{ ref('int_hubspot__marketing_touches') }}
)

select
    engagements.source,
    engagements.stream,
    engagements.id || coalesce('|' || engaged.person, '') as record_key,
    engagements.id || coalesce('|' || engaged.person, '') as record_id,
    engaged.person,
    engaged.deal,
    engagements.occurred_at,
    1 = 0 as is_day_only,
    engagements.kind,
    case when engagements.direction = 'out' then 'Outbound' end as channel,
    cast(null as string) as campaign,
    cast(null as string) as content,
    engagements.direction,
    engagements.is_two_way,
    1 = 0 as is_automated,
    cast(null as string) as team,
    engagements.hubspot_owner_id as user,
    engagements.origin,
    engagements.loaded_at,
    engagements.run_id,
    engagements.is_deleted
from engagements
left join engaged
    on
        engagements.source = engaged.source
        and engagements.stream = engaged.stream
        and engagements.id = engaged.id
union all
select
    source,
    stream,
    record_key,
    record_key as record_id,
    person,
    cast(null as string) as deal,
    occurred_at,
    1 = 0 as is_day_only,
    kind,
    channel,
    campaign,
    content,
    direction,
    is_two_way,
    is_automated,
    'marketing' as team,
    cast(null as string) as user,
    origin,
    loaded_at,
    run_id,
    is_deleted
from marketing
