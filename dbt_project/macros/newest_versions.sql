{#
    The CTEs that leave one row per record of an entity, `newest_records`: over the CTEs `versions`, `rejects`
    and `clock`, what was known at known_at.

    The newest version of a row of the lake decides: a rejected one takes its record out, a deleted one marks it
    `is_deleted` and keeps the last values that were there. What only an older version of that row made is gone.
    Where several rows make the same record (same source and `told_apart_by`), one that is still there
    comes before a deleted one, then the newest.

    Of the fields in `present` a source tells the present state alone: they are as they stood at as_of
    (present_value.sql). Of a field in `seen`, `<field>_seen_at` says since when it has had its newest value
    (seen_since.sql).
#}
{% macro newest_versions(entity, fields, told_apart_by=['record_key'], present=[], seen=[]) -%}
{%- set of_the_lake = 'versions.source, versions.stream, versions._record_id, versions._fill' -%}
{% if seen %}{{ seen_since(seen, ['source', 'stream', '_record_id', '_fill'], 'versions._deleted') }}

{% endif -%}
ranked_rejects as (
    select
        rejects.source,
        rejects.stream,
        rejects.source_record_id,
        rejects.loaded_at,
        rejects.seq,
        row_number() over (
            partition by rejects.source, rejects.stream, rejects.source_record_id
            order by rejects.loaded_at desc nulls last, rejects.seq desc nulls last
        ) as reject_rank
    from rejects
    cross join clock
    where
        rejects.entity = '{{ entity }}'
        and rejects.source_record_id is not null
        and rejects.loaded_at <= clock.known_at
),

ranked_versions as (
    select
        versions.source,
        versions.stream,
        coalesce(
            versions.record_key, case when not versions._deleted then versions._record_id end
        ) as record_key,
        {%- for field in fields %}
        {{ value_at_as_of(field, of_the_lake, 'versions._deleted') if field in present else 'versions.' ~ field }}
            as {{ field }},
        {%- endfor %}
        versions._record_id,
        versions._fill,
        versions._origin,
        versions._seq,
        versions._loaded_at,
        versions._run_id,
        versions._deleted,
        row_number() over (
            partition by {{ of_the_lake }}
            order by
                case when versions._deleted then 1 else 0 end asc nulls last,
                versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as value_rank,
        first_value(versions._deleted) over (
            partition by {{ of_the_lake }}
            order by versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as is_gone,
        max(versions._loaded_at) over (partition by {{ of_the_lake }}) as last_loaded_at,
        {{ first_load(of_the_lake, 'versions._deleted') }} as first_loaded_at,
        first_value(versions._seq) over (
            partition by {{ of_the_lake }}
            order by versions._loaded_at desc nulls last, versions._seq desc nulls last
        ) as last_seq
    from versions
    cross join clock
    where versions._loaded_at <= clock.known_at
),

standing_versions as (
    select
        ranked_versions.source,
        ranked_versions.stream,
        ranked_versions.record_key,
        {%- for field in fields %}
        ranked_versions.{{ field }},
        {%- endfor %}
        {%- for field in seen %}
        seen_since.{{ field }}_seen_at,
        {%- endfor %}
        ranked_versions._record_id,
        ranked_versions._fill,
        ranked_versions._origin,
        ranked_versions._seq,
        ranked_versions._loaded_at,
        ranked_versions.first_loaded_at,
        ranked_versions._run_id,
        ranked_versions.is_gone
    from ranked_versions
    left join ranked_rejects
        on
            ranked_versions.source = ranked_rejects.source
            and ranked_versions.stream = ranked_rejects.stream
            and ranked_versions._record_id = ranked_rejects.source_record_id
            and ranked_rejects.reject_rank = 1
    {%- if seen %}
    left join seen_since
        on
            ranked_versions.source = seen_since.source
            and ranked_versions.stream = seen_since.stream
            and ranked_versions._record_id = seen_since._record_id
            and ranked_versions._fill = seen_since._fill
    {%- endif %}
    where
        ranked_versions.value_rank = 1
        and ranked_versions.record_key is not null
        and (
            ranked_rejects.source_record_id is null
            or ranked_rejects.loaded_at < ranked_versions.last_loaded_at
            or (
                ranked_rejects.loaded_at = ranked_versions.last_loaded_at
                and ranked_rejects.seq < ranked_versions.last_seq
            )
        )
),

ranked_records as (
    select
        source,
        stream,
        record_key,
        {%- for field in fields %}
        {{ field }},
        {%- endfor %}
        {%- for field in seen %}
        {{ field }}_seen_at,
        {%- endfor %}
        _record_id,
        _fill,
        _origin,
        _loaded_at,
        first_loaded_at,
        _run_id,
        is_gone,
        row_number() over (
            partition by source, {{ told_apart_by | join(', ') }}
            order by
                case when is_gone then 1 else 0 end asc nulls last,
                _loaded_at desc nulls last, _seq desc nulls last,
                stream asc nulls last, _fill asc nulls last, _record_id asc nulls last
        ) as record_rank
    from standing_versions
),

newest_records as (
    select
        source,
        stream,
        record_key,
        {%- for field in fields %}
        {{ field }},
        {%- endfor %}
        {%- for field in seen %}
        {{ field }}_seen_at,
        {%- endfor %}
        _record_id as lake_record_id,
        _fill as fill,
        _origin as origin,
        first_loaded_at,
        _loaded_at as loaded_at,
        _run_id as run_id,
        is_gone as is_deleted
    from ranked_records
    where record_rank = 1
)
{%- endmacro %}
