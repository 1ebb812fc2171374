{# The rate to apply: 1 for money in the reporting currency, else the dated one; null where that is missing. #}
{% macro applied_rate(currency, reporting_currency, dated_rate) -%}
    case
        when {{ currency }} = {{ reporting_currency }} then cast(1 as decimal(28, 12))
        else {{ dated_rate }}
    end
{%- endmacro %}

{# An amount in the reporting currency, rounded once; null without amount or rate. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 2))
{%- endmacro %}
