{#- Where a record's id does not tell it apart, its key does. -#}
{%- set own_keys = {'touches': 'touch_key', 'spend': 'spend_key'} -%}
{%- set identity = [
    'entity', 'source', 'stream', 'source_record_id', 'reason', 'told_apart_by', 'loaded_at',
] -%}
with rejects as (
    {% for kind in ['files', 'hubspot', 'salesforce'] %}
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
            loaded_at
        from {{ ref('stg_' ~ kind ~ '__rejects') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

{% for entity in entities() %}
    {{ entity }} as (
        select * from {{ ref('int_' ~ entity ~ '_checked') }}
    ),
{% endfor %}

excluded as (
    select
        entity,
        source,
        stream,
        source_record_id,
        reason,
        detail,
        origin,
        1 = 0 as is_deleted,
        loaded_at,
        run_id,
        {{ key(['seq']) }} as told_apart_by
    from rejects
    {% for entity in entities() %}
        union all
        select
            '{{ entity }}' as entity,
            source,
            stream,
            source_record_id,
            fault_reason as reason,
            fault_detail as detail,
            origin,
            is_deleted,
            loaded_at,
            run_id,
            {{ own_keys.get(entity, 'source_record_id') }} as told_apart_by
        from {{ entity }}
        where fault_reason is not null
    {% endfor %}
)

select
    {{ key(identity) }} as excluded_key,
    entity,
    source,
    stream,
    source_record_id,
    reason,
    detail,
    origin,
    is_deleted,
    loaded_at,
    run_id
from excluded
