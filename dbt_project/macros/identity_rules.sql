{# The rules by which two records are one person, the most trusted first. #}
{% macro identity_rules() -%}
    {{ return(['merge', 'conversion', 'external_id', 'email', 'phone']) }}
{%- endmacro %}

{# A rule's place among them, from 1. #}
{% macro rule_order(rule) -%}
    {{ return(identity_rules().index(rule) + 1) }}
{%- endmacro %}

{# Phone numbers of fewer digits are extensions or fragments, and tell nobody apart. #}
{% macro fewest_telling_digits() -%} 7 {%- endmacro %}
