{#
    Whether a span from one instant to another is negative. Where the later end is a date without a time of day, which
    becomes midnight in UTC or in the agreement's time zone, it stands for its whole day.
#}
{% macro is_negative_span(from_instant, to_instant, time_zone) -%}
    (
        {{ to_instant }} < {{ from_instant }}
        and not (
            {{ to_instant }} = cast(cast({{ to_instant }} as date) as timestamp)
            and cast({{ from_instant }} as date) = cast({{ to_instant }} as date)
        )
        and not (
            {{ is_local_midnight(to_instant, time_zone) }}
            and {{ local_date(from_instant, time_zone) }} = {{ local_date(to_instant, time_zone) }}
        )
    )
{%- endmacro %}

{% macro is_local_midnight(instant, time_zone) -%}
    {{ return(adapter.dispatch('is_local_midnight', 'tandem')(instant, time_zone)) }}
{%- endmacro %}

{% macro duckdb__is_local_midnight(instant, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ instant }})) as time) = cast('00:00:00' as time)
{%- endmacro %}

{% macro spark__is_local_midnight(instant, time_zone) -%}
    from_utc_timestamp({{ instant }}, {{ time_zone }})
    = cast(cast(from_utc_timestamp({{ instant }}, {{ time_zone }}) as date) as timestamp)
{%- endmacro %}
