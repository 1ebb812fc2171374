{# Text as the source wrote it, without blanks around it; empty text is null. #}
{% macro text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# How a source's word is looked up in the agreement: neither case nor blanks around it matter. #}
{% macro word(column) -%}
    lower(trim({{ column }}))
{%- endmacro %}

{# The one way to name another record of the same source; null where there is no reference. #}
{% macro reference_key(source, column) -%}
    case when {{ column }} is not null then {{ key([source, column]) }} end
{%- endmacro %}

{#
    Two columns that say what is wrong with a row: fault_reason and fault_detail, of the first fault that it has.
    A fault is a dictionary: `when` (a condition), `reason` (a key), `detail` (text in SQL).
#}
{% macro fault_columns(faults) -%}
    case
        {%- for fault in faults %}
        when {{ fault.when }} then '{{ fault.reason }}'
        {%- endfor %}
    end as fault_reason,
    case
        {%- for fault in faults %}
        when {{ fault.when }} then {{ fault.detail }}
        {%- endfor %}
    end as fault_detail
{%- endmacro %}

{# A fault: a field without which the record means nothing is absent. #}
{% macro missing(column) -%}
    {{ return({
        'when': column ~ ' is null', 'reason': 'missing_value',
        'detail': "'" ~ column.split('.') | last ~ " is absent'",
    }) }}
{%- endmacro %}

{# A fault: the record says that something happened after the record itself was loaded. #}
{% macro in_the_future(column, loaded_at) -%}
    {{ return({
        'when': column ~ ' > ' ~ loaded_at, 'reason': 'in_the_future',
        'detail': "'" ~ column.split('.') | last ~ " is ' || cast(" ~ column ~ " as string) || ', but it was loaded at ' || cast(" ~ loaded_at ~ " as string)",
    }) }}
{%- endmacro %}

{# A fault: the agreement gives the record's stage word no meaning. #}
{% macro unmapped_stage(record) -%}
    {{ return({
        'when': record ~ '.stage is not null and stage_words.stage is null', 'reason': 'unmapped_stage',
        'detail': "'the agreement has no stage for ''' || " ~ record ~ ".stage || ''' of '
            || coalesce(" ~ record ~ ".stage_vocabulary, 'no vocabulary')",
    }) }}
{%- endmacro %}

{# A fault: a word that is none of the few that the input layer knows. An absent word passes. #}
{% macro unknown_word(column, words) -%}
    {%- set name = column.split('.') | last -%}
    {{ return({
        'when': column ~ " not in ('" ~ words | join("', '") ~ "')", 'reason': 'unknown_word',
        'detail': "'" ~ name ~ " is ''' || " ~ column ~ " || ''', not one of " ~ words | join(', ') ~ "'",
    }) }}
{%- endmacro %}
