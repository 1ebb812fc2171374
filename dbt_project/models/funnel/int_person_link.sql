with persons as (
    select * from {{ ref('input_persons') }}
),

links as (
    select * from {{ ref('int_identity_edge') }}
),

components as (
    select * from {{ ref('int_identity_component') }}
),

components_by_rule as (
    select * from {{ ref('int_identity_component_by_rule') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- Links are cut, the least trusted rule first, until the component is small enough; never merges.
-- All records of a component choose the same level, so that each is in one prospect.
ranked_levels as (
    select
        components_by_rule.person_key,
        components_by_rule.level,
        components_by_rule.component_key,
        row_number() over (
            partition by components_by_rule.person_key
            order by components_by_rule.level desc nulls last
        ) as level_rank
    from components_by_rule
    cross join settings
    where
        components_by_rule.n_records <= settings.max_group_size
        or components_by_rule.level = {{ rule_order('merge') }}
),

labelled as (
    select
        persons.person_key,
        persons.source,
        persons.source_record_id,
        coalesce(
            ranked_levels.component_key, components.component_key, persons.person_key
        ) as least_person_key,
        coalesce(ranked_levels.level, {{ rule_order('phone') }}) as level
    from persons
    left join components on persons.person_key = components.person_key
    left join ranked_levels
        on persons.person_key = ranked_levels.person_key and ranked_levels.level_rank = 1
),

both_ways as (
    select
        person_key,
        other_key,
        rule,
        rule_order
    from links
    union all
    select
        other_key as person_key,
        person_key as other_key,
        rule,
        rule_order
    from links
),

-- The record that joined a record: a lesser one where there is one, by the most trusted rule.
ranked_links as (
    select
        near.person_key,
        both_ways.other_key,
        both_ways.rule,
        row_number() over (
            partition by near.person_key
            order by
                case
                    when both_ways.other_key < near.person_key then 0 else 1
                end asc nulls last,
                both_ways.rule_order asc nulls last,
                both_ways.other_key asc nulls last
        ) as link_rank
    from labelled as near
    inner join both_ways on near.person_key = both_ways.person_key
    inner join labelled as far on both_ways.other_key = far.person_key
    where
        near.least_person_key = far.least_person_key
        and both_ways.rule_order <= near.level
        and near.person_key <> near.least_person_key
)

select
    labelled.person_key,
    labelled.source,
    labelled.source_record_id,
    {{ key(["'prospect'", 'labelled.least_person_key']) }} as prospect_id,
    labelled.level as trusted_rules,
    ranked_links.rule as joined_by,
    ranked_links.other_key as joined_through_key
from labelled
left join ranked_links
    on labelled.person_key = ranked_links.person_key and ranked_links.link_rank = 1
