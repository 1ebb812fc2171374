with persons as (
    select * from {{ ref('input_persons') }}
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
)

select
    person_key,
    source,
    source_record_id,
    {{ key(["'prospect'", 'least_person_key']) }} as prospect_id,
    level as trusted_rules
from labelled
