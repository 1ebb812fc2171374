{# The count ratios of alignment that are there in every month, with evidence or without. #}
{% macro alignment_ratios() -%}
    {{ return([
        'acceptance_rate',
        'acceptance_rate.pending',
        'sla_attainment',
        'recycle_rate',
        'definition_agreement',
        'definition_agreement.marketing_only',
        'definition_agreement.sales_only',
        'definition_agreement.precision',
        'definition_agreement.recall',
        'joint_nurture_coverage',
    ]) }}
{%- endmacro %}
