{#
    How a journey's open span stands to a touch: 0 it is open, 1 it was closed before, 2 it is not open yet. What comes
    before the first opening belongs to the first journey, and is not after any close.
#}
{% macro span_state(opened_at, closed_at, occurred_at) -%}
    case
        when {{ opened_at }} > {{ occurred_at }} then 2
        when {{ closed_at }} < {{ occurred_at }} then 1
        else 0
    end
{%- endmacro %}
