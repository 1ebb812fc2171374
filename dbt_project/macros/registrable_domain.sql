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

{# Hosts below which everybody gets a name of their own. Not complete either. #}
{% macro shared_hosts() -%}
    'github.io', 'gitlab.io', 'netlify.app', 'vercel.app', 'pages.dev', 'workers.dev', 'web.app', 'firebaseapp.com',
    'appspot.com', 'herokuapp.com', 'azurewebsites.net', 'onrender.com', 'fly.dev', 'cloudfront.net', 'webflow.io',
    'framer.website', 'wixsite.com', 'squarespace.com', 'weebly.com', 'wordpress.com', 'blogspot.com', 'tumblr.com',
    'jimdofree.com', 'jimdosite.com', 'myshopify.com', 'mystrikingly.com', 'hs-sites.com', 'notion.site',
    'onmicrosoft.com', 'carrd.co', 'business.site', 'godaddysites.com', 'uk.com', 'us.com', 'eu.com', 'de.com'
{%- endmacro %}

{# The part of a domain that its owner registered: the last two labels, three where the last two are a suffix or a
   shared host. A dot at its end says nothing. #}
{% macro registrable_domain(domain) -%}
    {%- set name = without_last_dot(domain) -%}
    {%- set n = '(length(' ~ name ~ ') - length(replace(' ~ name ~ ", '.', '')) + 1)" -%}
    {%- set last_two -%}
    split_part({{ name }}, '.', {{ n }} - 1) || '.' || split_part({{ name }}, '.', {{ n }})
    {%- endset -%}
    case
        when {{ n }} <= 2 then {{ name }}
        when {{ last_two }} in ({{ two_label_suffixes() }}, {{ shared_hosts() }})
            then split_part({{ name }}, '.', {{ n }} - 2) || '.' || {{ last_two }}
        else {{ last_two }}
    end
{%- endmacro %}

{% macro without_last_dot(domain) -%}
    case when {{ domain }} like '%.' then substr({{ domain }}, 1, length({{ domain }}) - 1) else {{ domain }} end
{%- endmacro %}

{# Hosts where a company has a page, which says nothing of its domain. #}
{% macro page_hosts() -%}
    {{ return([
        'facebook.com', 'instagram.com', 'linkedin.com', 'linktr.ee', 'sites.google.com', 'tiktok.com', 'twitter.com',
        'x.com', 'xing.com', 'youtube.com',
    ]) }}
{%- endmacro %}
