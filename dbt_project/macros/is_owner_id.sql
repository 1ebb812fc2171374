{#
    Whether what Salesforce's history has for an owner is an id, of a user (005) or of a queue (00G): a change of owner is
    written down twice, once with names and once with ids.
#}
{% macro is_owner_id(value) -%}
    (
        length({{ value }}) in (15, 18)
        and substr({{ value }}, 1, 3) in ('005', '00G')
        and {{ value }} not like '% %'
    )
{%- endmacro %}
