{# The measures of alignment that are there in every month, with evidence or without. #}
{% macro alignment_measures() -%}
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
        'response_time',
        'response_time.p50',
        'response_time.p90',
        'response_time.two_way.p50',
        'response_time.two_way.p90',
        'response_time.system_delay.p50',
        'response_time.system_delay.p90',
        'response_time.human_delay.p50',
        'response_time.human_delay.p90',
    ]) }}
{%- endmacro %}
