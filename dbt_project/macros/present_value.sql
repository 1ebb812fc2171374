{#
    The value of a field of which the source tells the present state alone, as it stood at as_of: over the CTEs
    `versions` and `clock`, for the record of `partition`. The newest version that was there by as_of has it; where
    none was, the earliest one that is known. `since` is from when on a version is there: its load, or the change that
    the source itself dates before that. A version that is `without_values` never has it.
#}
{% macro value_at_as_of(field, partition, without_values, since='versions._loaded_at') -%}
first_value(versions.{{ field }}) over (
            partition by {{ partition }}
            order by
                case when {{ without_values }} then 1 else 0 end asc nulls last,
                case when {{ since }} <= clock.as_of then versions._loaded_at end desc nulls last,
                versions._loaded_at asc nulls last,
                versions._seq desc nulls last
        )
{%- endmacro %}

{#
    The load that first brought values of the record of `partition`, over the CTE `versions`. One that told of its
    deletion alone saw nothing of it; where no version has values, it is the first of all.
#}
{% macro first_load(partition, without_values) -%}
coalesce(
            min(case when not ({{ without_values }}) then versions._loaded_at end) over (partition by {{ partition }}),
            min(versions._loaded_at) over (partition by {{ partition }})
        )
{%- endmacro %}
