{# What tells the spans of a record apart: the first, open to the left, goes by the record's own key. #}
{% macro span_key(record_key, valid_from) -%}
    {{ record_key }} || coalesce('|' || cast({{ valid_from }} as string), '')
{%- endmacro %}
