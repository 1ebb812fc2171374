with rejects as (
    select * from {{ source('raw_files', 'rejects') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

{% for entity in entities() %}
    {{ entity }} as (
        select * from {{ source('raw_files', entity) }}
    ),
{% endfor %}

-- A record without an id is told apart by where it stands.
told_apart as (
    select
        rejects.source,
        rejects.stream,
        rejects.entity,
        rejects.source_record_id,
        rejects.reason,
        rejects.detail,
        rejects.origin,
        rejects.seq,
        rejects.run_id,
        rejects.loaded_at,
        coalesce(
            'is ' || rejects.source_record_id, 'at ' || rejects.origin, 'has ' || rejects.detail, ''
        ) as told_apart_by
    from rejects
    cross join clock
    where rejects.loaded_at <= clock.known_at
),

ranked as (
    select
        source,
        stream,
        entity,
        source_record_id,
        reason,
        detail,
        origin,
        seq,
        run_id,
        loaded_at,
        told_apart_by,
        row_number() over (
            partition by source, stream, entity, told_apart_by
            order by loaded_at desc nulls last, seq desc nulls last
        ) as reject_rank
    from told_apart
),

accepted as (
    {% for entity in entities() %}
        select
            '{{ entity }}' as entity,
            {{ entity }}.source,
            {{ entity }}.stream,
            {{ entity }}._record_id,
            {{ entity }}._origin,
            {{ entity }}._loaded_at,
            {{ entity }}._seq
        from {{ entity }}
        cross join clock
        where {{ entity }}._loaded_at <= clock.known_at
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

accepted_as as (
    select
        entity,
        source,
        stream,
        'is ' || _record_id as told_apart_by,
        _loaded_at,
        _seq
    from accepted
    union all
    select
        entity,
        source,
        stream,
        'at ' || _origin as told_apart_by,
        _loaded_at,
        _seq
    from accepted
),

-- A newer version that could be read mends the record.
mended as (
    select
        ranked.source,
        ranked.stream,
        ranked.entity,
        ranked.told_apart_by
    from ranked
    inner join accepted_as
        on
            ranked.source = accepted_as.source
            and ranked.stream = accepted_as.stream
            and ranked.entity = accepted_as.entity
            and ranked.told_apart_by = accepted_as.told_apart_by
    where
        ranked.reject_rank = 1
        and (
            ranked.loaded_at < accepted_as._loaded_at
            or (ranked.loaded_at = accepted_as._loaded_at and ranked.seq < accepted_as._seq)
        )
    group by ranked.source, ranked.stream, ranked.entity, ranked.told_apart_by
)

select
    ranked.source,
    ranked.stream,
    ranked.entity,
    ranked.source_record_id,
    ranked.reason,
    ranked.detail,
    ranked.origin,
    ranked.seq,
    ranked.run_id,
    ranked.loaded_at
from ranked
left join mended
    on
        ranked.source = mended.source
        and ranked.stream = mended.stream
        and ranked.entity = mended.entity
        and ranked.told_apart_by = mended.told_apart_by
where ranked.reject_rank = 1 and mended.told_apart_by is null
