{# The attribution models, one a row. #}
{% macro attribution_models() -%}
    {%- for model in [
        'first', 'last', 'linear', 'last_non_direct', 'position_u', 'position_w', 'full_path', 'time_decay',
        'markov', 'shapley'
    ] %}
    select '{{ model }}' as model
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The conversions that touches earn for. #}
{% macro conversion_stages() -%} 'mql', 'opportunity', 'won' {%- endmacro %}
