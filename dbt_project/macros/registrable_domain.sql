{# Suffixes of two labels below which a name of one's own is registered. Not complete: a suffix that is missing
   here makes its companies one account, until they have a company record of their own. #}
{% macro two_label_suffixes() -%}
    'co.uk', 'org.uk', 'ac.uk', 'gov.uk', 'ltd.uk', 'plc.uk', 'me.uk', 'net.uk', 'nhs.uk', 'sch.uk',
    'com.au', 'net.au', 'org.au', 'edu.au', 'gov.au', 'co.nz', 'org.nz', 'net.nz', 'ac.nz', 'govt.nz',
    'co.jp', 'ne.jp', 'or.jp', 'ac.jp', 'go.jp', 'co.kr', 'or.kr', 'ac.kr', 'go.kr',
    'co.in', 'net.in', 'org.in', 'ac.in', 'gov.in', 'com.br', 'net.br', 'org.br', 'gov.br', 'edu.br', 'ind.br',
    'com.mx', 'org.mx', 'gob.mx', 'com.ar', 'gob.ar', 'com.co', 'com.pe', 'com.ve', 'com.ec', 'com.uy', 'com.py',
    'com.bo', 'com.gt', 'com.do', 'co.cr', 'com.pa', 'com.sv', 'com.cn', 'net.cn', 'org.cn', 'gov.cn', 'edu.cn',
    'com.hk', 'org.hk', 'edu.hk', 'com.tw', 'org.tw', 'edu.tw', 'com.sg', 'edu.sg', 'gov.sg', 'com.my', 'edu.my',
    'co.id', 'or.id', 'ac.id', 'go.id', 'co.th', 'or.th', 'ac.th', 'in.th', 'com.ph', 'edu.ph', 'com.vn', 'edu.vn',
    'com.bd', 'com.pk', 'com.lk', 'com.np', 'com.tr', 'org.tr', 'edu.tr', 'gov.tr',
    'co.za', 'org.za', 'ac.za', 'gov.za', 'com.ng', 'org.ng', 'co.ke', 'or.ke', 'com.gh', 'co.tz', 'co.ug', 'co.zw',
    'com.eg', 'com.sa', 'com.kw', 'com.qa', 'com.lb', 'com.jo', 'com.om', 'com.bh', 'co.ae', 'co.il', 'org.il', 'ac.il',
    'com.ua', 'com.ru', 'co.at', 'or.at', 'ac.at', 'com.pl', 'net.pl', 'org.pl', 'edu.pl', 'com.pt', 'com.gr',
    'com.es', 'org.es', 'com.fr', 'co.hu', 'com.cy', 'com.mt', 'com.ro', 'co.rs'
{%- endmacro %}

{# The part of a domain that its owner registered: the last two labels, three where the last two are a suffix. #}
{% macro registrable_domain(domain) -%}
    {%- set n = '(length(' ~ domain ~ ') - length(replace(' ~ domain ~ ", '.', '')) + 1)" -%}
    {%- set last_two -%}
    split_part({{ domain }}, '.', {{ n }} - 1) || '.' || split_part({{ domain }}, '.', {{ n }})
    {%- endset -%}
    case
        when {{ n }} <= 2 then {{ domain }}
        when {{ last_two }} in ({{ two_label_suffixes() }})
            then split_part({{ domain }}, '.', {{ n }} - 2) || '.' || {{ last_two }}
        else {{ last_two }}
    end
{%- endmacro %}
