{# The instant so many times 24 hours before another. #}
{% macro days_earlier(instant, days) -%}
    {{ return(adapter.dispatch('days_earlier', 'tandem')(instant, days)) }}
{%- endmacro %}

{% macro duckdb__days_earlier(instant, days) -%}
    {{ instant }} - to_days({{ days }})
{%- endmacro %}

{% macro spark__days_earlier(instant, days) -%}
    {{ instant }} - make_dt_interval({{ days }})
{%- endmacro %}
