{# What a value earns in the alignment score: 0 at its floor or beyond, 100 at its target or beyond. #}
{% macro score_points(value, floor, target) -%}
    case
        when {{ value }} is not null
            then 100.0e0 * least(
                greatest(({{ value }} - {{ floor }}) / ({{ target }} - {{ floor }}), 0.0e0), 1.0e0
            )
    end
{%- endmacro %}
