{# Providers whose mailboxes take every dot and +tag for the same address, and those that ignore +tags alone. #}
{% macro dot_blind_mail_domains() -%} 'gmail.com', 'googlemail.com' {%- endmacro %}
{% macro tag_blind_mail_domains() -%}
    'gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'icloud.com', 'me.com',
    'mac.com', 'fastmail.com', 'fastmail.fm', 'proton.me', 'protonmail.com', 'pm.me'
{%- endmacro %}

{# The trimmed lower-case address with its domain as it is read; null unless it is one local part, one @ and a domain
   with a dot. #}
{% macro valid_email(email) -%}
    case
        when
            {{ compose(email) }} like '_%@_%._%'
            and {{ compose(email) }} not like '%@%@%'
            and {{ compose(email) }} not like '% %'
            then
                split_part({{ compose(email) }}, '@', 1)
                || '@' || {{ unicode_domain("split_part(" ~ compose(email) ~ ", '@', 2)") }}
    end
{%- endmacro %}

{# The domain of an address that is valid_email. #}
{% macro email_domain(email) -%}
    split_part({{ email }}, '@', 2)
{%- endmacro %}

{# The mailbox that an address that is valid_email reaches: spellings that one mailbox accepts become one. A small
   sigma at the end of a word has the capital of any other. #}
{% macro mailbox(email) -%}
    {%- set local = "split_part(" ~ email ~ ", '@', 1)" -%}
    {%- set domain = email_domain(email) -%}
    {%- set untagged -%}
    case
            when
                {{ domain }} in ({{ tag_blind_mail_domains() }}) and split_part({{ local }}, '+', 1) <> ''
                then split_part({{ local }}, '+', 1)
            else {{ local }}
        end
    {%- endset -%}
    replace(
        case
            when {{ domain }} in ({{ dot_blind_mail_domains() }}) and replace({{ untagged }}, '.', '') <> ''
                then replace({{ untagged }}, '.', '') || '@gmail.com'
            else {{ untagged }} || '@' || {{ domain }}
        end,
        'ς', 'σ'
    )
{%- endmacro %}

{# Lower case without blanks around it; letters with marks are composed where the engine can do it. #}
{% macro compose(text) -%}
    {{ return(adapter.dispatch('compose', 'tandem')(text)) }}
{%- endmacro %}

{% macro duckdb__compose(text) -%}
    nfc_normalize(lower(trim({{ text }})))
{%- endmacro %}

{% macro spark__compose(text) -%}
    lower(trim({{ text }}))
{%- endmacro %}

{# A phone number's digits, `+` kept in front, `00` in front read as `+`; null where there is no digit. Words before it
   are no part of it, nor is what follows a letter, a comma, a semicolon, `#` or `*`: an extension. #}
{% macro phone_number(phone) -%}
    {%- set number = "regexp_replace(regexp_replace(" ~ phone ~ ", '^[^0-9+]*', ''), '[A-Za-z,;#*].*$', '')" -%}
    case
        when {{ digits(number) }} = '' then null
        when {{ number }} like '+%' then '+' || {{ digits(number) }}
        when {{ digits(number) }} like '00%' then '+' || substr({{ digits(number) }}, 3)
        else {{ digits(number) }}
    end
{%- endmacro %}

{% macro digits(text) -%}
    {{ return(adapter.dispatch('digits', 'tandem')(text)) }}
{%- endmacro %}

{% macro duckdb__digits(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '', 'g')
{%- endmacro %}

{% macro spark__digits(text) -%}
    regexp_replace({{ text }}, '[^0-9]', '')
{%- endmacro %}

{# The host of what people write where a domain is asked for: no protocol, path, port, leading www or dot at the
   end. A page at a host of pages is no domain of the company's. #}
{% macro bare_domain(text) -%}
    {%- set address -%}
    replace(replace({{ compose(text) }}, 'https://', ''), 'http://', '')
    {%- endset -%}
    {%- set host -%}
    regexp_extract({{ address }}, '^([^/?:]*)', 1)
    {%- endset -%}
    case
        {%- for page_host in page_hosts() %}
        when {{ address }} like '{{ page_host }}/_%' or {{ address }} like '%.{{ page_host }}/_%' then null
        {%- endfor %}
        else
            nullif({{ unicode_domain(without_last_dot(
                "case when " ~ host ~ " like 'www.%' then substr(" ~ host ~ ", 5) else " ~ host ~ " end"
            )) }}, '')
    end
{%- endmacro %}

{# The id that systems share for a company. An account's id of Salesforce (they begin with 001) has 15 characters,
   and three more that only check them. #}
{% macro shared_account_id(text) -%}
    case
        when length({{ text }}) = 18 and substr({{ text }}, 1, 3) = '001' then substr({{ text }}, 1, 15)
        else {{ text }}
    end
{%- endmacro %}
