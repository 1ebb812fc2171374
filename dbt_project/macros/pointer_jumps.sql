{#
    The CTEs that make short cuts of pointers: the last is `jumps` (node, far_node, n_steps), a row per node of the
    CTE `pointers` (node, next_node) and power of two of steps, from two on, that lead it somewhere else. Each node
    points once at most.

    Each round lets every node ask where its end jumps to, so that the steps double: 12 rounds make a chain of
    thousands two dozen jumps long. In a circle the jumps go round; each is still a walk that can be walked.
#}
{% macro pointer_jumps(rounds=12) -%}
jumps_0 as (
    select
        node,
        next_node as far_node
    from pointers
),
{% for round in range(1, rounds + 1) %}
asked_{{ round }} as (
    select
        case when ways.asks = 1 then jumps.far_node else jumps.node end as place,
        ways.asks,
        jumps.node,
        jumps.far_node
    from jumps_{{ round - 1 }} as jumps
    cross join (
        select 1 as asks
        union all
        select 0 as asks
    ) as ways
),

answered_{{ round }} as (
    select
        asks,
        node,
        max(case when asks = 0 then far_node end) over (partition by place) as far_node
    from asked_{{ round }}
),

jumps_{{ round }} as (
    select
        node,
        far_node
    from answered_{{ round }}
    where asks = 1 and far_node is not null
),
{% endfor %}
jumps as (
    {% for round in range(1, rounds + 1) %}
    select
        node,
        far_node,
        {{ 2 ** round }} as n_steps
    from jumps_{{ round }}
    where node <> far_node
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)
{%- endmacro %}

{#
    The CTEs that count the fewest steps from a start: the last is `depths` (node, depth), a row per node that was
    reached. There must be the CTEs `starts` (node) and `walks` (node, other_node, n_steps), which lead both ways and
    from every node to itself in no step.

    Each round takes one walk more. What was not reached in all rounds is missing, or too deep, which a test must
    ask.
#}
{% macro depths_by_walks(rounds=32) -%}
depths_0 as (
    select
        node,
        cast(0 as bigint) as depth
    from starts
),
{% for round in range(1, rounds + 1) %}
depths_{{ round }} as (
    select
        walks.other_node as node,
        min(reached.depth + walks.n_steps) as depth
    from depths_{{ round - 1 }} as reached
    inner join walks on reached.node = walks.node
    group by walks.other_node
),
{% endfor %}
depths as (
    select
        node,
        depth
    from depths_{{ rounds }}
)
{%- endmacro %}
