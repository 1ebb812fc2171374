{#
    The CTEs that make spans of time, `spans` (source, record_key, the values, valid_from, valid_to), of the CTE `relation`,
    which tells of each record since when (`since`) it has had which values: one moment a row. A span begins where a value
    changes. The first one is open to the left: before its first moment a record is as that moment found it.
#}
{% macro spans_of_values(relation, values) -%}
{%- set in_time = 'partition by source, record_key order by since asc nulls first' -%}
numbered_values as (
    select
        source,
        record_key,
        {%- for value in values %}
        {{ value }},
        lag({{ value }}) over ({{ in_time }}) as {{ value }}_before,
        {%- endfor %}
        since,
        row_number() over ({{ in_time }}) as nth
    from {{ relation }}
),

value_changes as (
    select
        source,
        record_key,
        {%- for value in values %}
        {{ value }},
        {%- endfor %}
        case when nth > 1 then since end as valid_from
    from numbered_values
    where
        nth = 1
        {%- for value in values %}
        or {{ value }} is distinct from {{ value }}_before
        {%- endfor %}
),

spans as (
    select
        source,
        record_key,
        {%- for value in values %}
        {{ value }},
        {%- endfor %}
        valid_from,
        lead(valid_from) over (
            partition by source, record_key order by valid_from asc nulls first
        ) as valid_to
    from value_changes
)
{%- endmacro %}

{#
    The same of a stream of an API that keeps no history of these values: a load shows what they are from then on. Over
    the CTEs `versions` and `clock`, what was known at known_at; of one load its last version counts.
#}
{% macro spans_of_api(values) -%}
ranked_versions as (
    select
        versions.source,
        versions._record_id as record_key,
        {%- for value in values %}
        {{ text('versions.' ~ value) }} as {{ value }},
        {%- endfor %}
        versions._loaded_at as since,
        row_number() over (
            partition by versions.source, versions._record_id, versions._loaded_at
            order by versions._seq desc nulls last
        ) as recency
    from versions
    cross join clock
    where
        versions._loaded_at <= clock.known_at
        and versions._record_id is not null
        and versions._reject_reason is null
        and not (versions._deleted and versions._origin is null)
),

loaded_values as (
    select
        source,
        record_key,
        {%- for value in values %}
        {{ value }},
        {%- endfor %}
        since
    from ranked_versions
    where recency = 1
),

{{ spans_of_values('loaded_values', values) }}
{%- endmacro %}
