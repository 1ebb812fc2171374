{#
    The CTEs that say since when each of some fields has had the value that its record's newest version has,
    `seen_since` (`<field>_seen_at`), over the CTEs `versions` and `clock`, by known_at. `of_record` are the columns that
    tell a record of the lake apart, `since` from when on a version is there (present_value.sql), `without_values` the
    condition of versions that say nothing.

    With `among`, a CTE of those columns, it is said of the records there alone.

    A value that was there already in an earlier version is not seen anew in a later one, whatever else that brought.
#}
{% macro seen_since(fields, of_record, without_values, since='versions._loaded_at', among=none) -%}
told_versions as (
    select
        {%- for column in of_record %}
        versions.{{ column }},
        {%- endfor %}
        {%- for field in fields %}
        versions.{{ field }},
        lag(versions.{{ field }}) over (
            partition by {% for column in of_record %}versions.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            order by versions._loaded_at asc nulls last, versions._seq asc nulls last
        ) as {{ field }}_before,
        {%- endfor %}
        {{ since }} as since
    from versions
    {%- if among %}
    inner join {{ among }}
        on
            {%- for column in of_record %}
            {{ 'and ' if not loop.first }}versions.{{ column }} = {{ among }}.{{ column }}
            {%- endfor %}
    {%- endif %}
    cross join clock
    where versions._loaded_at <= clock.known_at and not ({{ without_values }})
),

seen_since as (
    select
        {%- for column in of_record %}
        {{ column }},
        {%- endfor %}
        {%- for field in fields %}
        max(case when {{ field }} is distinct from {{ field }}_before then since end) as {{ field }}_seen_at
        {{- ',' if not loop.last }}
        {%- endfor %}
    from told_versions
    group by {{ of_record | join(', ') }}
),
{%- endmacro %}
