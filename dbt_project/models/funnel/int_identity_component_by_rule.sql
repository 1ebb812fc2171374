with links as (
    select * from {{ ref('int_identity_edge') }}
),

components as (
    select * from {{ ref('int_identity_component') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

oversized as (
    select
        components.person_key,
        components.component_key
    from components
    cross join settings
    where components.n_records > settings.max_group_size
),

-- All rules together are known to be too many, so the least trusted one is left out from the start.
levels as (
    {% for rule in identity_rules()[:-1] %}
        select {{ loop.index }} as level
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- One copy of the graph for each level of trust: links of that rule and of more trusted ones.
nodes as (
    select
        levels.level,
        oversized.person_key,
        cast(levels.level as string) || ':' || oversized.person_key as node
    from oversized
    cross join levels
),

edges as (
    select
        cast(levels.level as string) || ':' || links.person_key as node_a,
        cast(levels.level as string) || ':' || links.other_key as node_b
    from links
    inner join oversized on links.person_key = oversized.person_key
    inner join levels on links.rule_order <= levels.level
),

{{ connected_components() }},

labelled as (
    select
        nodes.person_key,
        nodes.level,
        coalesce(labels.label, nodes.node) as label
    from nodes
    left join labels on nodes.node = labels.node
)

select
    person_key,
    level,
    substr(label, 3) as component_key,
    count(*) over (partition by label) as n_records
from labelled
