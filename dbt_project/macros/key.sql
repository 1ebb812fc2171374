{# The one way to make a key of several columns: md5 of their texts, a null told apart from every text. #}
{% macro key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(replace(cast({{ column }} as string), '|', '||'), '|-')
        {%- if not loop.last %} || '|,|' ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
