{# The instant (UTC) at which a day, given as a timestamp without a zone, begins in a time zone. #}
{% macro local_midnight(day, time_zone) -%}
    {{ return(adapter.dispatch('local_midnight', 'tandem')(day, time_zone)) }}
{%- endmacro %}

{% macro duckdb__local_midnight(day, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, date_trunc('day', {{ day }})))
{%- endmacro %}

{% macro spark__local_midnight(day, time_zone) -%}
    to_utc_timestamp(date_trunc('DAY', {{ day }}), {{ time_zone }})
{%- endmacro %}
