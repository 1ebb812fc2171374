{#
    The business seconds from the calendar's first day up to an instant; `day` is the row of agreement.business_days for
    the instant's day in the agreement's time zone. The business time between two instants is the difference of theirs.
#}
{% macro business_seconds(instant, day) -%}
    {{ day }}.business_minutes_before * 60.0e0
    + case
        when not {{ day }}.is_business_day or {{ instant }} <= {{ day }}.opens_at then 0.0e0
        when {{ instant }} >= {{ day }}.closes_at
            then {{ seconds_between(day ~ '.opens_at', day ~ '.closes_at') }}
        else {{ seconds_between(day ~ '.opens_at', instant) }}
    end
{%- endmacro %}

{# Seconds from one instant to another, to the microsecond. #}
{% macro seconds_between(from_instant, to_instant) -%}
    {{ return(adapter.dispatch('seconds_between', 'tandem')(from_instant, to_instant)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(from_instant, to_instant) -%}
    (epoch_us({{ to_instant }}) - epoch_us({{ from_instant }})) / 1000000.0e0
{%- endmacro %}

{% macro spark__seconds_between(from_instant, to_instant) -%}
    (unix_micros({{ to_instant }}) - unix_micros({{ from_instant }})) / 1000000.0e0
{%- endmacro %}
