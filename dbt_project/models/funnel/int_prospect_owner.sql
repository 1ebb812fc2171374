-- Whose each record of a prospect was, and when.
with owner_changes as (
    select * from {{ ref('input_owner_changes') }}
    where not is_deleted
),

links as (
    select * from {{ ref('int_person_link') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

happened as (
    select
        owner_changes.owner_change_key,
        links.prospect_id,
        owner_changes.person_key,
        owner_changes.owner_key as owner_id,
        owner_changes.changed_at as owned_from,
        lead(owner_changes.changed_at) over (
            partition by owner_changes.person_key
            order by
                owner_changes.changed_at asc nulls last,
                owner_changes.owner_change_key asc nulls last
        ) as owned_until
    from owner_changes
    inner join links on owner_changes.person_key = links.person_key
    cross join clock
    where owner_changes.changed_at <= clock.as_of
)

select
    owner_change_key,
    prospect_id,
    person_key,
    owner_id,
    owned_from,
    owned_until
from happened
where owned_until is null or owned_until > owned_from
