with person_links as (
    select * from {{ ref('int_person_link') }}
),

known_walks as (
    select * from {{ ref('int_identity_walk') }}
),

members as (
    select
        person_key,
        prospect_id,
        prospect_id = {{ key(["'prospect'", 'person_key']) }} as is_start
    from person_links
),

-- One walk of two steps at most is the shortest way: a step alone would be a walk of its own.
near as (
    select
        walks.other_key as person_key,
        min(walks.n_steps) as depth
    from members as starts
    inner join known_walks as walks on starts.person_key = walks.person_key
    where starts.is_start and walks.n_steps <= 2
    group by walks.other_key
),

-- Most prospects end there; only the others are walked through, round by round.
wide_prospects as (
    select members.prospect_id
    from members
    left join near on members.person_key = near.person_key
    where not members.is_start and near.person_key is null
    group by members.prospect_id
),

wide_members as (
    select
        members.person_key,
        members.is_start
    from members
    inner join wide_prospects on members.prospect_id = wide_prospects.prospect_id
),

starts as (
    select person_key as node
    from wide_members
    where is_start
),

walks as (
    select
        known_walks.person_key as node,
        known_walks.other_key as other_node,
        known_walks.n_steps
    from known_walks
    inner join wide_members on known_walks.person_key = wide_members.person_key
),

{{ depths_by_walks() }}

select
    members.person_key,
    members.prospect_id,
    case
        when members.is_start then cast(0 as bigint)
        when depths.node is not null then depths.depth
        when wide_prospects.prospect_id is null then near.depth
    end as depth
from members
left join near on members.person_key = near.person_key
left join wide_prospects on members.prospect_id = wide_prospects.prospect_id
left join depths on members.person_key = depths.node
