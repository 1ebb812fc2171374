with links as (
    select * from {{ ref('int_identity_edge') }}
),

person_links as (
    select * from {{ ref('int_person_link') }}
),

-- The links that hold a prospect together: none that was cut.
kept as (
    select
        links.person_key,
        links.other_key,
        links.rule,
        links.rule_order
    from links
    inner join person_links as near_end on links.person_key = near_end.person_key
    inner join person_links as far_end on links.other_key = far_end.person_key
    where
        near_end.prospect_id = far_end.prospect_id
        and links.rule_order <= near_end.trusted_rules
),

both_ways as (
    select
        person_key,
        other_key,
        rule,
        rule_order
    from kept
    union all
    select
        other_key as person_key,
        person_key as other_key,
        rule,
        rule_order
    from kept
)

select
    person_key,
    other_key,
    rule,
    rule_order
from both_ways
group by person_key, other_key, rule, rule_order
