{# The stages at which a clock of the cycle time starts; each runs until the journey is won or left. #}
{% macro cycle_clocks() -%} 'aware', 'lead', 'mql', 'opportunity' {%- endmacro %}
