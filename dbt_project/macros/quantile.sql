{# The one way to take a quantile: linear interpolation between the two nearest values, nulls left out. #}
{% macro quantile(column, fraction) -%}
    percentile_cont({{ fraction }}) within group (order by {{ column }})
{%- endmacro %}
