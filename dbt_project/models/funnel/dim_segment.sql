with settings as (
    select * from {{ source('agreement', 'settings') }}
),

cuts as (
    select * from {{ source('agreement', 'segments') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

names as (
    select segment from cuts
    union
    select segment from accounts
    union
    select segment from prospects
    union
    select case when segment_by is null then 'all' else 'unknown' end as segment
    from settings
)

select
    names.segment,
    cast(
        row_number() over (
            order by
                case when names.segment = 'unknown' then 1 else 0 end asc nulls last,
                cuts.position asc nulls last, names.segment asc nulls last
        ) as bigint
    ) as position,
    cuts.low,
    cuts.high
from names
left join cuts on names.segment = cuts.segment
where names.segment is not null
