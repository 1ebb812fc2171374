{# The attribution models, one a row. #}
{% macro attribution_models() -%}
    {%- for model in ['first', 'last', 'linear', 'markov', 'shapley'] %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The conversions that touches earn for. #}
{% macro conversion_stages() -%} 'mql', 'opportunity', 'won' {%- endmacro %}
