{# The order of events at one instant: up the ladder, then back to marketing, then out, a win last. #}
{% macro stage_rank(stage, stage_order) -%}
    case {{ stage }}
        when 'recycled' then 1001
        when 'disqualified' then 1002
        when 'lost' then 1003
        when 'won' then 1004
        else {{ stage_order }}
    end
{%- endmacro %}

{# A stage that ends a journey. #}
{% macro closes(stage) -%}
    {{ stage }} in ('won', 'lost', 'disqualified')
{%- endmacro %}

{# The name of the event that an entry to a stage is, reopenings aside. #}
{% macro stage_event(stage) -%}
    case
        when {{ closes(stage) }} or {{ stage }} = 'recycled' then {{ stage }}
        else 'stage_entered'
    end
{%- endmacro %}
