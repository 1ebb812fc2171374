{#
    The CTEs that label every node of a graph with the least node of its connected component: the last is
    `labels` (node, label). The CTE `edges` (node_a, node_b) must be there, one way or both; a node without an
    edge to another one has no label.

    Each round hangs the larger neighbours of every node, then its smaller ones, on the least of them (large
    star and small star: Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii 2014). No edge ever leaves its
    component, so the labels are right when both ends of every edge bear the same one, which a test must ask.
    The number of rounds is fixed, so that no engine needs recursion; each at least halves a path, so 20 do
    for chains of hundreds of thousands of records.

    Most components have settled after a round or two, and go no further: the nodes whose least neighbour, or self,
    is one and the same hub are a component of their own where no edge leads out of them, since each is tied to the
    hub. In the rounds each CTE is read once: an engine that writes CTEs out in place has no more to do than one
    that keeps them.
#}
{% macro connected_components(rounds=20, settled_after=2) -%}
stars_0 as (
    select
        greatest(node_a, node_b) as upper_node,
        least(node_a, node_b) as lower_node
    from edges
    where node_a <> node_b
    group by greatest(node_a, node_b), least(node_a, node_b)
),
{% for round in range(1, rounds + 1) %}
seen_{{ round }} as (
    select
        case when ways.is_upward = 1 then stars.lower_node else stars.upper_node end as node,
        case when ways.is_upward = 1 then stars.upper_node else stars.lower_node end as neighbour
    from {{ 'open_stars' if round == settled_after + 1 else 'stars_' ~ (round - 1) }} as stars
    cross join (
        select 1 as is_upward
        union all
        select 0 as is_upward
    ) as ways
),

large_hubs_{{ round }} as (
    select
        node,
        neighbour,
        least(node, min(neighbour) over (partition by node)) as hub
    from seen_{{ round }}
),

large_stars_{{ round }} as (
    select
        neighbour as upper_node,
        hub as lower_node
    from large_hubs_{{ round }}
    where neighbour > node
    group by neighbour, hub
),

small_hubs_{{ round }} as (
    select
        upper_node,
        lower_node,
        min(lower_node) over (partition by upper_node) as hub
    from large_stars_{{ round }}
),

-- The edge to the hub keeps its upper end; each other edge leaves its lower end hanging on the hub.
hung_{{ round }} as (
    select
        case when lower_node = hub then upper_node else lower_node end as upper_node,
        hub as lower_node
    from small_hubs_{{ round }}
),

stars_{{ round }} as (
    select
        upper_node,
        lower_node
    from hung_{{ round }}
    group by upper_node, lower_node
),
{% if round == settled_after %}
ends_of_stars as (
    select
        upper_node as node,
        lower_node as neighbour
    from stars_{{ round }}
    union all
    select
        lower_node as node,
        upper_node as neighbour
    from stars_{{ round }}
),

hubs_of_nodes as (
    select
        node,
        least(node, min(neighbour)) as hub
    from ends_of_stars
    group by node
),

hubs as (
    select
        own.hub,
        max(case when other.hub <> own.hub then 1 else 0 end) as is_open
    from ends_of_stars
    inner join hubs_of_nodes as own on ends_of_stars.node = own.node
    inner join hubs_of_nodes as other on ends_of_stars.neighbour = other.node
    group by own.hub
),

settled_nodes as (
    select
        hubs_of_nodes.node,
        hubs_of_nodes.hub
    from hubs_of_nodes
    inner join hubs on hubs_of_nodes.hub = hubs.hub and hubs.is_open = 0
),

open_stars as (
    select
        stars.upper_node,
        stars.lower_node
    from stars_{{ round }} as stars
    left join settled_nodes on stars.upper_node = settled_nodes.node
    where settled_nodes.node is null
),
{% endif %}
{%- endfor %}
linked_nodes as (
    select
        node_a as node,
        node_a as label
    from edges
    where node_a <> node_b
    union all
    select
        node_b as node,
        node_b as label
    from edges
    where node_a <> node_b
    union all
    select
        node,
        hub as label
    from settled_nodes
    union all
    select
        upper_node as node,
        lower_node as label
    from stars_{{ rounds }}
),

labels as (
    select
        node,
        min(label) as label
    from linked_nodes
    group by node
)
{%- endmacro %}
