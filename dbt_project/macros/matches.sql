{# Whether the whole text is what a regular expression describes; both are SQL. #}
{% macro matches_whole(text, pattern) -%}
    {{ return(adapter.dispatch('matches_whole', 'tandem')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_whole(text, pattern) -%}
    ({{ text }} rlike concat('^(?:', {{ pattern }}, ')$'))
{%- endmacro %}

{# The text without what a regular expression finds at its start. #}
{% macro without_start(text, pattern) -%}
    regexp_replace({{ text }}, '^(?:' || {{ pattern }} || ')', '')
{%- endmacro %}
