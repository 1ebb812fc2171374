with ways as (
    select * from {{ ref('int_identity_way') }}
),

links as (
    select * from {{ ref('int_identity_edge') }}
),

-- A record is merged into one other at most, and merges alone may chain without end:
-- they get short cuts.
pointers as (
    select
        person_key as node,
        other_key as next_node
    from links
    where rule = 'merge'
),

{{ pointer_jumps() }},

walks as (
    select
        person_key,
        other_key,
        cast(1 as bigint) as n_steps
    from ways
    union all
    select
        person_key,
        person_key as other_key,
        cast(0 as bigint) as n_steps
    from ways
    union all
    select
        node as person_key,
        far_node as other_key,
        cast(n_steps as bigint) as n_steps
    from jumps
    union all
    select
        far_node as person_key,
        node as other_key,
        cast(n_steps as bigint) as n_steps
    from jumps
)

select
    person_key,
    other_key,
    min(n_steps) as n_steps
from walks
group by person_key, other_key
