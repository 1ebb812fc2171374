{# An aggregate: the texts of a group one after another, by whole numbers below 1,000,000,000 that say their places. All three are SQL. #}
{% macro in_order(text, place, separator) -%}
    {{ return(adapter.dispatch('in_order', 'tandem')(text, place, separator)) }}
{%- endmacro %}

{% macro duckdb__in_order(text, place, separator) -%}
    string_agg({{ text }}, {{ separator }} order by {{ place }} asc nulls last)
{%- endmacro %}

{# Texts are sorted with their places before them, which are then taken away again. #}
{% macro spark__in_order(text, place, separator) -%}
    regexp_replace(
        array_join(
            array_sort(collect_list(concat(lpad(cast({{ place }} as string), 9, '0'), ':', {{ text }}))),
            {{ separator }}
        ),
        concat('(^|', {{ separator }}, ')[0-9]{9}:'), '$1'
    )
{%- endmacro %}
