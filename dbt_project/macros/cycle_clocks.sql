{# The stages at which a clock of the cycle time starts; each runs until the journey is won or left. #}
{% macro cycle_clocks() -%} 'aware', 'lead', 'mql', 'opportunity' {%- endmacro %}

{# The name of the clock that starts at this stage. #}
{% macro cycle_curve(from_stage) -%} {{ from_stage }} || '_to_won' {%- endmacro %}
