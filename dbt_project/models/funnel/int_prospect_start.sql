-- Since when each prospect is known by as_of: its first touch, record or stage, or the deal that
-- it stands on.
with links as (
    select * from {{ ref('int_person_link') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

touches as (
    select * from {{ ref('input_touches') }}
    where not is_deleted and person_key is not null
),

copies as (
    select * from {{ ref('int_touch_copies') }}
),

claims as (
    select * from {{ ref('int_stage_claim') }}
    where prospect_id is not null
),

contacts as (
    select * from {{ ref('int_deal_contact') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- A touch that does not count, or a record without a date, is the last resort.
signs as (
    select
        links.prospect_id,
        case when {{ touch_counts('touches.kind', 'touches.is_automated') }} then 0 else 1 end
            as resort,
        touches.occurred_at,
        1 as sign_order,
        'touch' as sign,
        'history' as evidence,
        touches.source,
        touches.source_record_id,
        touches.touch_key as sign_key
    from touches
    inner join links on touches.person_key = links.person_key
    left join copies on touches.touch_key = copies.touch_id
    where copies.touch_id is null
    union all
    select
        links.prospect_id,
        case when persons.created_at is null then 2 else 0 end as resort,
        persons.created_at as occurred_at,
        2 as sign_order,
        'record' as sign,
        'timestamp_property' as evidence,
        persons.source,
        persons.source_record_id,
        persons.person_key as sign_key
    from persons
    inner join links on persons.person_key = links.person_key
    union all
    select
        prospect_id,
        0 as resort,
        occurred_at,
        3 as sign_order,
        'stage' as sign,
        evidence,
        source,
        source_record_id,
        claim_key as sign_key
    from claims
    union all
    select
        prospect_id,
        3 as resort,
        cast(null as timestamp) as occurred_at,
        4 as sign_order,
        'deal' as sign,
        cast(null as string) as evidence,
        cast(null as string) as source,
        cast(null as string) as source_record_id,
        deal_id as sign_key
    from contacts
),

ranked as (
    select
        signs.prospect_id,
        signs.occurred_at,
        signs.sign,
        signs.evidence,
        signs.source,
        signs.source_record_id,
        row_number() over (
            partition by signs.prospect_id
            order by
                signs.resort asc nulls last, signs.occurred_at asc nulls last,
                signs.sign_order asc nulls last, signs.sign_key asc nulls last
        ) as sign_rank
    from signs
    cross join clock
    where signs.occurred_at is null or signs.occurred_at <= clock.as_of
)

select
    prospect_id,
    occurred_at as known_since,
    sign,
    evidence,
    source,
    source_record_id
from ranked
where sign_rank = 1
