{# Whether a touch counts: what a machine did, or what nobody noticed, does not. #}
{% macro touch_counts(kind, is_automated) -%}
    not (
        coalesce({{ is_automated }}, 1 = 0)
        or {{ kind }} in (
            'bulk_send', 'bulk_email', 'email_send', 'email_sent', 'email_delivered', 'email_open',
            'email_opened', 'open', 'bot_click', 'crm_edit'
        )
    )
{%- endmacro %}
