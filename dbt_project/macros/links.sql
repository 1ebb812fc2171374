{# What a link says under a name (`utm_source`), decoded; null where it says nothing. #}
{% macro link_says(link, name) -%}
    {%- set value = "regexp_extract(" ~ link ~ ", '[?&]" ~ name ~ "=([^&#]*)', 1)" -%}
    nullif(trim({{ decoded("replace(" ~ value ~ ", '+', ' ')") }}), '')
{%- endmacro %}

{# Text without percent signs for letters; what is no such sign stays as it is, or makes all of it null. #}
{% macro decoded(text) -%}
    {{ return(adapter.dispatch('decoded', 'tandem')(text)) }}
{%- endmacro %}

{% macro duckdb__decoded(text) -%}
    url_decode({{ text }})
{%- endmacro %}

{% macro spark__decoded(text) -%}
    try_url_decode({{ text }})
{%- endmacro %}
