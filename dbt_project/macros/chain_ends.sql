{#
    The CTEs that follow pointers to the end of their chain: the last is `chain_ends` (node, end_node, n_steps,
    least_node), a row per node of the CTE `pointers` (node, next_node), which has a row per node that points and
    none that points at itself. `least_node` is the least of the nodes passed, `end_node` not among them.

    Each round lets every node take over where its end points to, so that the steps double: 12 rounds do for
    chains of four thousand. In a circle there is no end: then `end_node` is a node of the circle (it points, too),
    every node of a circle is the end of one, and `least_node` of such a node is the least of its circle. Each CTE
    is read once: an engine that writes CTEs out in place has no more to do than one that keeps them.
#}
{% macro chain_ends(rounds=12) -%}
chains_0 as (
    select
        node,
        next_node as end_node,
        cast(1 as bigint) as n_steps,
        node as least_node
    from pointers
),
{% for round in range(1, rounds + 1) %}
placed_{{ round }} as (
    select
        case when ways.asks = 1 then chains.end_node else chains.node end as place,
        ways.asks,
        chains.node,
        chains.end_node,
        chains.n_steps,
        chains.least_node
    from chains_{{ round - 1 }} as chains
    cross join (
        select 1 as asks
        union all
        select 0 as asks
    ) as ways
),

told_{{ round }} as (
    select
        asks,
        node,
        end_node,
        n_steps,
        least_node,
        max(case when asks = 0 then end_node end) over (partition by place) as next_end,
        max(case when asks = 0 then n_steps end) over (partition by place) as next_steps,
        max(case when asks = 0 then least_node end) over (partition by place) as next_least
    from placed_{{ round }}
),

chains_{{ round }} as (
    select
        node,
        coalesce(next_end, end_node) as end_node,
        n_steps + coalesce(next_steps, 0) as n_steps,
        least(least_node, coalesce(next_least, least_node)) as least_node
    from told_{{ round }}
    where asks = 1
),
{% endfor %}
chain_ends as (
    select
        node,
        end_node,
        n_steps,
        least_node
    from chains_{{ rounds }}
)
{%- endmacro %}

{#
    The CTEs that cut every circle of the CTE `pointers`: the last is `open_chains` (node, next_node, is_cut,
    circle_size, end_node), a row per pointer. The pointer of a circle's least node is cut, and that node is the
    end of all that lead into the circle.
#}
{% macro open_chains() -%}
{{ chain_ends() }},

reached as (
    select end_node
    from chain_ends
    group by end_node
),

circles as (
    select
        ends.node,
        ends.least_node,
        count(*) over (partition by ends.least_node) as circle_size
    from chain_ends as ends
    inner join reached on ends.node = reached.end_node
),

open_chains as (
    select
        pointers.node,
        pointers.next_node,
        coalesce(own_circles.least_node = pointers.node, 1 = 0) as is_cut,
        case when own_circles.least_node = pointers.node then own_circles.circle_size end
            as circle_size,
        coalesce(circles.least_node, ends.end_node) as end_node
    from pointers
    inner join chain_ends as ends on pointers.node = ends.node
    left join circles on ends.end_node = circles.node
    left join circles as own_circles on pointers.node = own_circles.node
)
{%- endmacro %}
