{# What every kind of source recorded of an entity, in the columns of the input layer; to be used inside a CTE. #}
{% macro recorded(entity, columns, kinds=['files', 'hubspot', 'salesforce']) -%}
    {%- for kind in kinds %}
        {%- if kind == 'files' %}{% set relation = ref('stg_files__' ~ entity) %}
        {%- else %}{% set relation = ref('int_' ~ kind ~ '__' ~ entity) %}
        {%- endif %}
        select
            {%- for column in columns %}
            {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
