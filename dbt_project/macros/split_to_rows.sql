{# In a select list: a row for each part of a text between separators; both are SQL. #}
{% macro split_to_rows(column, separator) -%}
    {{ return(adapter.dispatch('split_to_rows', 'tandem')(column, separator)) }}
{%- endmacro %}

{% macro duckdb__split_to_rows(column, separator) -%}
    unnest(string_split({{ column }}, {{ separator }}))
{%- endmacro %}

{% macro spark__split_to_rows(column, separator) -%}
    explode(split({{ column }}, {{ separator }}))
{%- endmacro %}
