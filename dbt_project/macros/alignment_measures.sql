{# The measures of alignment that are there in every month, with evidence or without. #}
{% macro alignment_measures() -%}
    {{ return([
        'acceptance_rate',
        'acceptance_rate.pending',
        'sla_attainment',
        'commitment_attainment',
        'recycle_rate',
        'definition_agreement',
        'definition_agreement.marketing_only',
        'definition_agreement.sales_only',
        'definition_agreement.precision',
        'definition_agreement.recall',
        'definition_agreement.kappa',
        'joint_nurture_coverage',
        'joint_nurture_coverage.longest_silence_marketing',
        'joint_nurture_coverage.longest_silence_sales',
        'role_separation',
        'sourced.recorded',
        'sourced.recorded.won',
        'sourced.recorded.unknown',
        'sourced.recorded.won.unknown',
        'sourced.first_touch',
        'sourced.first_touch.won',
        'sourced.first_touch.unknown',
        'sourced.first_touch.won.unknown',
        'sourced.before_sales',
        'sourced.before_sales.won',
        'sourced.disagreement',
        'sourced.disagreement.won',
        'influenced',
        'influenced.won',
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

{# Whether less of a measure is better: a target of it is a ceiling. #}
{% macro less_is_better(metric) -%}
    (
        {{ metric }} = 'recycle_rate'
        or {{ metric }} like 'response_time%'
        or {{ metric }} like 'joint_nurture_coverage.longest_silence%'
    )
{%- endmacro %}

{# Whether cases stand behind a figure and no share of them is its value: a quantile, a kappa. #}
{% macro is_figure_of_cases(metric) -%}
    (
        {{ metric }} like 'response_time%'
        or {{ metric }} like 'joint_nurture_coverage.longest_silence%'
        or {{ metric }} = 'definition_agreement.kappa'
    )
{%- endmacro %}

{# Sub-figures of segment_alignment: each pair of what is spread over segments. #}
{% macro measures_over_segments() -%}
    {% set measures = ['spend', 'leads', 'mqls', 'pipeline', 'won'] %}
    {% set found = ['segment_alignment'] %}
    {% for one in measures %}
        {% for other in measures[loop.index:] %}
            {% do found.append('segment_alignment.' ~ one ~ '_' ~ other) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{%- endmacro %}

{# The effects of joint nurture that every company has a row of; landmarks come with the data. #}
{% macro nurture_effects() -%}
    {% set found = ['joint_nurture_effect'] %}
    {% for ending in ['won', 'lost'] %}
        {% for estimand in ['hazard_ratio', 'naive_hazard_ratio', 'naive_share_ratio'] %}
            {% do found.append('joint_nurture_effect.' ~ ending ~ '.' ~ estimand) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{%- endmacro %}

{# The figures of now_vs_road_ahead, which every company has a row of, in the month of as_of alone. #}
{% macro road_measures() -%}
    {{ return([
        'now_vs_road_ahead',
        'now_vs_road_ahead.next_quarter',
        'now_vs_road_ahead.quarter_after_next',
        'now_vs_road_ahead.marketing_touches',
        'now_vs_road_ahead.sales_touches',
        'now_vs_road_ahead.spend',
    ]) }}
{%- endmacro %}

{# What says why there is no value, whether any case was counted or not. #}
{% macro told_without_cases() -%}
    ('not identifiable', 'no target', 'target in part', 'target reached')
{%- endmacro %}
