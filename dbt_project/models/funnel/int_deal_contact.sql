-- The known contacts of a deal: one row per deal and prospect, however many of its records stand
-- on the deal.
with deals as (
    select * from {{ ref('int_deal') }}
),

deal_persons as (
    select * from {{ ref('input_deal_persons') }}
    where not is_deleted
),

persons as (
    select * from {{ ref('input_persons') }}
),

links as (
    select * from {{ ref('int_person_link') }}
),

-- The contact that is called primary comes first, then the one that the deal itself names.
named as (
    select
        deal_key as deal_id,
        person_key,
        role,
        case when is_primary then 0 else 2 end as contact_rank
    from deal_persons
    union all
    select
        deal_id,
        person_key,
        cast(null as string) as role,
        1 as contact_rank
    from deals
    where person_key is not null
),

known as (
    select
        named.deal_id,
        links.prospect_id,
        named.role,
        named.contact_rank,
        persons.created_at,
        persons.source_record_id,
        row_number() over (
            partition by named.deal_id, links.prospect_id
            order by
                case when named.role is null then 1 else 0 end asc nulls last,
                named.contact_rank asc nulls last, persons.source_record_id asc nulls last,
                named.person_key asc nulls last
        ) as role_rank
    from named
    inner join deals on named.deal_id = deals.deal_id
    inner join links on named.person_key = links.person_key
    inner join persons on named.person_key = persons.person_key
)

select
    deal_id,
    prospect_id,
    max(case when role_rank = 1 then role end) as role,
    min(contact_rank) as contact_rank,
    min(created_at) as first_record_at,
    min(source_record_id) as first_record_id
from known
group by deal_id, prospect_id
