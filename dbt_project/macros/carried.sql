{#
    What the nearest earlier row set, 0 where none did: `state` is a whole number from 0 to `states` - 1, null in rows
    that set nothing. The rows are in order of their column `place`. The state rides on the greatest place so far,
    so no engine has to ignore nulls in a window.
#}
{% macro carried(state, states, partition_by) -%}
    coalesce(
        mod(
            max(place * {{ states }} + {{ state }}) over (
                partition by {{ partition_by }} order by place asc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            {{ states }}
        ),
        0
    )
{%- endmacro %}
