{#
    The CTEs that leave one row per record of a stream of an API, `newest_records`: over the CTEs `versions` and
    `clock`, what was known at known_at. A record is told apart by its source and its id in the lake.

    The newest version decides: a rejected one takes its record out, a deletion marks it `is_deleted`. A deletion
    that brings no values (it has no origin) leaves those that were there before.

    Of the columns in `present` the source tells the present state alone: they are as they stood at as_of
    (present_value.sql); `modified` is the column that says when the record last changed. A column in `and_then` is
    there twice: as the newest version has it, and as `<column>_then` as it stood at as_of. Of a column in `seen`,
    `<column>_seen_at` says since when it has had its newest value (seen_since.sql).

    Most records have one version, which nothing has to be put in order for. `relation` is what `versions` holds: it
    is named anew for them, so that no engine keeps a copy of all versions to read it thrice.
#}
{% macro newest_of_api(relation, columns, present=[], and_then=[], seen=[], modified=none) -%}
{%- set of_record = 'versions.source, versions._record_id' -%}
{%- set without_values = 'versions._reject_reason is not null or (versions._deleted and versions._origin is null)' -%}
{%- set since = 'least(versions._loaded_at, coalesce(versions.' ~ modified ~ ', versions._loaded_at))'
    if modified else 'versions._loaded_at' -%}
repeated as (
    select
        {{ of_record }}
    from {{ relation }} as versions
    cross join clock
    where versions._loaded_at <= clock.known_at and versions._record_id is not null
    group by {{ of_record }}
    having count(*) > 1
),

{% if seen -%}
{{ seen_since(seen, ['source', '_record_id'], without_values, since, among='repeated') }}

{% endif -%}
ranked_versions as (
    select
        versions.source,
        {%- for column in columns %}
        {{ value_at_as_of(column, of_record, without_values, since) if column in present else 'versions.' ~ column }}
            as {{ column }},
        {%- endfor %}
        {%- for column in and_then %}
        {{ value_at_as_of(column, of_record, without_values, since) }} as {{ column }}_then,
        {%- endfor %}
        versions._record_id,
        versions._origin,
        versions._run_id,
        row_number() over (
            partition by versions.source, versions._record_id
            order by
                case
                    when versions._reject_reason is not null then 2
                    when versions._deleted and versions._origin is null then 1
                    else 0
                end asc nulls last,
                versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as value_rank,
        first_value(versions._deleted) over (
            partition by versions.source, versions._record_id
            order by versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as is_gone,
        first_value(versions._reject_reason) over (
            partition by versions.source, versions._record_id
            order by versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as newest_reject_reason,
        max(versions._loaded_at) over (
            partition by versions.source, versions._record_id
        ) as last_loaded_at,
        {{ first_load(of_record, without_values) }} as first_loaded_at
    from versions
    inner join repeated
        on versions.source = repeated.source and versions._record_id = repeated._record_id
    cross join clock
    where versions._loaded_at <= clock.known_at
),

newest_records as (
    select
        ranked_versions.source,
        {%- for column in columns %}
        ranked_versions.{{ column }},
        {%- endfor %}
        {%- for column in and_then %}
        ranked_versions.{{ column }}_then,
        {%- endfor %}
        {%- for column in seen %}
        seen_since.{{ column }}_seen_at,
        {%- endfor %}
        ranked_versions._record_id as record_key,
        ranked_versions._origin as origin,
        ranked_versions.first_loaded_at,
        ranked_versions.last_loaded_at as loaded_at,
        ranked_versions._run_id as run_id,
        ranked_versions.is_gone as is_deleted
    from ranked_versions
    {%- if seen %}
    left join seen_since
        on ranked_versions.source = seen_since.source and ranked_versions._record_id = seen_since._record_id
    {%- endif %}
    where ranked_versions.value_rank = 1 and ranked_versions.newest_reject_reason is null
    union all
    select
        versions.source,
        {%- for column in columns %}
        versions.{{ column }},
        {%- endfor %}
        {%- for column in and_then %}
        versions.{{ column }} as {{ column }}_then,
        {%- endfor %}
        {%- for column in seen %}
        case when versions.{{ column }} is not null and not ({{ without_values }}) then {{ since }} end
            as {{ column }}_seen_at,
        {%- endfor %}
        versions._record_id as record_key,
        versions._origin as origin,
        versions._loaded_at as first_loaded_at,
        versions._loaded_at as loaded_at,
        versions._run_id as run_id,
        versions._deleted as is_deleted
    from {{ relation }} as versions
    cross join clock
    left join repeated
        on versions.source = repeated.source and versions._record_id = repeated._record_id
    where
        versions._loaded_at <= clock.known_at
        and versions._record_id is not null
        and versions._reject_reason is null
        and repeated._record_id is null
)
{%- endmacro %}

{# The records of a stream of an API whose newest version, as known at known_at (CTE `clock`), is a reject. #}
{% macro rejects_of_api(relation, stream, entity) -%}
select
    ranked.source,
    '{{ stream }}' as stream,
    '{{ entity }}' as entity,
    ranked._record_id as source_record_id,
    ranked._reject_reason as reason,
    ranked._reject_detail as detail,
    ranked._origin as origin,
    ranked._seq as seq,
    ranked._run_id as run_id,
    ranked._loaded_at as loaded_at
from (
    select
        versions.source,
        versions._record_id,
        versions._reject_reason,
        versions._reject_detail,
        versions._origin,
        versions._seq,
        versions._run_id,
        versions._loaded_at,
        row_number() over (
            partition by
                versions.source,
                coalesce('is ' || versions._record_id, 'at ' || versions._origin, '')
            order by versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as version_rank
    from {{ relation }} as versions
    cross join clock
    where versions._loaded_at <= clock.known_at
) as ranked
where ranked.version_rank = 1 and ranked._reject_reason is not null
{%- endmacro %}
