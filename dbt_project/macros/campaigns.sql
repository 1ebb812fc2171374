{# How the id, name or utm_campaign of a campaign is looked up: case, blanks, and whether its parts stand between blanks,
   points, hyphens, plus signs or underscores, makes no difference; null where nothing else is left. #}
{% macro campaign_word(text) -%}
    nullif(trim({{ with_single_blanks(compose(text)) }}), '')
{%- endmacro %}

{% macro with_single_blanks(text) -%}
    {{ return(adapter.dispatch('with_single_blanks', 'tandem')(text)) }}
{%- endmacro %}

{% macro duckdb__with_single_blanks(text) -%}
    regexp_replace({{ text }}, '[ _+.-]+', ' ', 'g')
{%- endmacro %}

{% macro spark__with_single_blanks(text) -%}
    regexp_replace({{ text }}, '[ _+.-]+', ' ')
{%- endmacro %}
