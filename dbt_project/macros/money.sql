{# The rate to apply: 1 for money in the reporting currency, else the dated one; null where that is missing. #}
{% macro applied_rate(currency, reporting_currency, dated_rate) -%}
    case
        when {{ currency }} = {{ reporting_currency }} then cast(1 as decimal(28, 12))
        else {{ dated_rate }}
    end
{%- endmacro %}

{# An amount in the reporting currency, rounded once to its minor unit; null without amount or rate. #}
{% macro in_reporting_currency(amount, rate, reporting_currency) -%}
    case
        when {{ has_no_minor_unit(reporting_currency) }}
            then cast(round({{ amount }} * {{ rate }}, 0) as decimal(18, 2))
        else cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 2))
    end
{%- endmacro %}

{#
    Whether a currency has no minor unit: the codes to which ISO 4217:2015 (list one, maintained by SIX) gives 0 decimals.
    Money is kept to two decimals, so the few currencies with three or four are reckoned in hundredths.
#}
{% macro has_no_minor_unit(currency) -%}
    {{ currency }} in (
        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF',
        'XPF'
    )
{%- endmacro %}
