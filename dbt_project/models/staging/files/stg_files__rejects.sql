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

-- A record without an id is told apart by what is wrong with it.
ranked as (
    select
        rejects.source,
        rejects.stream,
        rejects.entity,
        rejects.source_record_id,
        rejects.reason,
        rejects.detail,
        rejects.seq,
        rejects.run_id,
        rejects.loaded_at,
        row_number() over (
            partition by
                rejects.source, rejects.stream, rejects.entity, rejects.source_record_id,
                case when rejects.source_record_id is null then rejects.detail end
            order by rejects.loaded_at desc nulls last, rejects.seq desc nulls last
        ) as reject_rank
    from rejects
    cross join clock
    where rejects.loaded_at <= clock.known_at
),

accepted as (
    {% for entity in entities() %}
        select
            '{{ entity }}' as entity,
            {{ entity }}.source,
            {{ entity }}.stream,
            {{ entity }}._record_id,
            {{ entity }}._loaded_at,
            {{ entity }}._seq
        from {{ entity }}
        cross join clock
        where {{ entity }}._loaded_at <= clock.known_at
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A newer version that could be read mends the record.
mended as (
    select
        ranked.source,
        ranked.stream,
        ranked.entity,
        ranked.source_record_id
    from ranked
    inner join accepted
        on
            ranked.source = accepted.source
            and ranked.stream = accepted.stream
            and ranked.entity = accepted.entity
            and ranked.source_record_id = accepted._record_id
    where
        ranked.reject_rank = 1
        and (
            ranked.loaded_at < accepted._loaded_at
            or (ranked.loaded_at = accepted._loaded_at and ranked.seq < accepted._seq)
        )
    group by ranked.source, ranked.stream, ranked.entity, ranked.source_record_id
)

select
    ranked.source,
    ranked.stream,
    ranked.entity,
    ranked.source_record_id,
    ranked.reason,
    ranked.detail,
    ranked.seq,
    ranked.run_id,
    ranked.loaded_at
from ranked
left join mended
    on
        ranked.source = mended.source
        and ranked.stream = mended.stream
        and ranked.entity = mended.entity
        and ranked.source_record_id = mended.source_record_id
where ranked.reject_rank = 1 and mended.source_record_id is null
