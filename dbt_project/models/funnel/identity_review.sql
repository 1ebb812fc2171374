with keys as (
    select * from {{ ref('int_identity_key') }}
),

components as (
    select * from {{ ref('int_identity_component') }}
),

person_links as (
    select * from {{ ref('int_person_link') }}
),

links as (
    select * from {{ ref('int_identity_edge') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

rules as (
    {% for rule in identity_rules() %}
        select
            '{{ rule }}' as rule,
            {{ loop.index }} as rule_order
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

shared_keys as (
    select
        keys.rule,
        keys.shared_value,
        min(keys.person_key) as least_person_key,
        count(*) as n_records
    from keys
    cross join settings
    where
        keys.rule not in ('merge', 'conversion')
        and keys.n_records > settings.max_group_size
    group by keys.rule, keys.shared_value
),

oversized as (
    select
        components.component_key,
        count(distinct person_links.prospect_id) as n_prospects,
        max(components.n_records) as n_records
    from components
    inner join person_links on components.person_key = person_links.person_key
    cross join settings
    where components.n_records > settings.max_group_size
    group by components.component_key
),

weakest_rules as (
    select
        components.component_key,
        max(links.rule_order) as rule_order
    from components
    inner join links on components.person_key = links.person_key
    group by components.component_key
),

cut_components as (
    select
        rules.rule,
        oversized.component_key as least_person_key,
        oversized.n_records,
        oversized.n_prospects
    from oversized
    inner join weakest_rules on oversized.component_key = weakest_rules.component_key
    inner join rules on weakest_rules.rule_order = rules.rule_order
    where oversized.n_prospects > 1
),

-- What is left beyond the cap is held together by merges alone: the source's own work.
merged_prospects as (
    select
        person_links.prospect_id,
        min(person_links.person_key) as least_person_key,
        count(*) as n_records
    from person_links
    cross join settings
    group by person_links.prospect_id, settings.max_group_size
    having count(*) > settings.max_group_size
),

findings as (
    select
        'shared_by_too_many' as finding,
        rule,
        shared_value,
        least_person_key,
        n_records,
        cast(null as bigint) as n_prospects
    from shared_keys
    union all
    select
        'cut_at_weakest_rule' as finding,
        rule,
        cast(null as string) as shared_value,
        least_person_key,
        n_records,
        n_prospects
    from cut_components
    union all
    select
        'merged_beyond_cap' as finding,
        'merge' as rule,
        cast(null as string) as shared_value,
        least_person_key,
        n_records,
        1 as n_prospects
    from merged_prospects
)

select
    {{ key([
        'findings.finding', 'findings.rule', 'findings.shared_value', 'findings.least_person_key'
    ]) }} as review_id,
    findings.finding,
    findings.rule,
    findings.shared_value,
    findings.least_person_key,
    person_links.source,
    person_links.source_record_id,
    findings.n_records,
    findings.n_prospects,
    settings.max_group_size
from findings
inner join person_links on findings.least_person_key = person_links.person_key
cross join settings
