{# Tell in the log, while tests run, which kinds of record `excluded_share` finds beyond the agreement's limit. #}
{% macro tell_excluded(excluded_share) -%}
    {%- if execute and flags.WHICH in ['build', 'test'] -%}
        {%- set beyond -%}
            select detail from {{ excluded_share }} where not is_within_limit order by entity asc nulls last
        {%- endset -%}
        {%- for row in run_query(beyond).rows -%}
            {%- do log('Nothing may be published: ' ~ row[0], info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
