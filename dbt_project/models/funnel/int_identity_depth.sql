with person_links as (
    select * from {{ ref('int_person_link') }}
),

known_walks as (
    select * from {{ ref('int_identity_walk') }}
),

starts as (
    select person_key as node
    from person_links
    where prospect_id = {{ key(["'prospect'", 'person_key']) }}
),

walks as (
    select
        person_key as node,
        other_key as other_node,
        n_steps
    from known_walks
),

{{ depths_by_walks() }}

select
    person_links.person_key,
    person_links.prospect_id,
    case
        when person_links.prospect_id = {{ key(["'prospect'", 'person_links.person_key']) }}
            then cast(0 as bigint)
        else depths.depth
    end as depth
from person_links
left join depths on person_links.person_key = depths.node
