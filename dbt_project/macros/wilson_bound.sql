{#
    A bound of Wilson's score interval (1927) of a share: `side` is -1 for the lower and 1 for the upper one, `z` the normal
    quantile. Null where nothing was counted. At no or all of them the bound on that side is 0 or 1, exactly.
#}
{% macro wilson_bound(numerator, denominator, side, z) -%}
    {%- set n = 'cast(' ~ denominator ~ ' as double)' -%}
    {%- set k = 'cast(' ~ numerator ~ ' as double)' -%}
    case
        when {{ denominator }} = 0 then cast(null as double)
        when {{ side }} < 0 and {{ numerator }} = 0 then 0.0e0
        when {{ side }} > 0 and {{ numerator }} = {{ denominator }} then 1.0e0
        else (
            {{ k }} + {{ z }} * {{ z }} / 2.0e0
            + ({{ side }}) * {{ z }} * sqrt(
                {{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4.0e0
            )
        ) / ({{ n }} + {{ z }} * {{ z }})
    end
{%- endmacro %}
