{# The entities of the input layer; connectors/entities.py names their fields. #}
{% macro entities() -%}
    {{ return([
        'persons', 'accounts', 'deals', 'deal_persons', 'deal_accounts', 'stage_changes',
        'owner_changes', 'deal_amounts', 'touches', 'campaigns', 'spend', 'users', 'exchange_rates',
    ]) }}
{%- endmacro %}
