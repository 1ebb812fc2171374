{# Whether a touch counts: what a machine did, or what nobody noticed, does not. #}
{% macro touch_counts(kind, is_automated) -%}
    not (
        coalesce({{ is_automated }}, false)
        or lower({{ kind }}) in (
            'email_send', 'bulk_send', 'bulk_email', 'email_open', 'open', 'bot_click', 'crm_edit'
        )
    )
{%- endmacro %}
