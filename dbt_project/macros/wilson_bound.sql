{#
    A bound of Wilson's score interval (1927) of a share: `side` is -1 for the lower and 1 for the upper one, `z` the normal
    quantile. Null where nothing was counted.
#}
{% macro wilson_bound(numerator, denominator, side, z) -%}
    {%- set n = 'cast(' ~ denominator ~ ' as double)' -%}
    {%- set k = 'cast(' ~ numerator ~ ' as double)' -%}
    case
        when {{ denominator }} > 0
            then least(
                greatest(
                    (
                        {{ k }} + {{ z }} * {{ z }} / 2.0e0
                        + ({{ side }}) * {{ z }} * sqrt(
                            {{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z }} * {{ z }} / 4.0e0
                        )
                    ) / ({{ n }} + {{ z }} * {{ z }}),
                    0.0e0
                ),
                1.0e0
            )
    end
{%- endmacro %}
