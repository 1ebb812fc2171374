{# The first day of the month in which an instant (UTC) falls in a time zone. #}
{% macro local_month(instant, time_zone) -%}
    cast(date_trunc('month', {{ local_date(instant, time_zone) }}) as date)
{%- endmacro %}
