{# The order of evidence: where two records say the same, the lower rank is believed. #}
{% macro evidence_rank(evidence) -%}
    case {{ evidence }}
        when 'history' then 1
        when 'timestamp_property' then 2
        when 'observed' then 3
        else 4
    end
{%- endmacro %}
