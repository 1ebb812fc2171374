{# The rules by which two records are one person, the most trusted first. #}
{% macro identity_rules() -%}
    {{ return(['merge', 'conversion', 'external_id', 'email', 'phone']) }}
{%- endmacro %}

{# A rule's place among them, from 1. #}
{% macro rule_order(rule) -%}
    {{ return(identity_rules().index(rule) + 1) }}
{%- endmacro %}
