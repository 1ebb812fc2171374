{%- set told = [
    ['contacts', 'persons'],
    ['contact_history', 'stage_changes'],
    ['contact_history', 'owner_changes'],
    ['companies', 'accounts'],
    ['deals', 'deals'],
    ['deal_history', 'stage_changes'],
    ['deal_history', 'owner_changes'],
    ['deal_history', 'deal_amounts'],
    ['owners', 'users'],
    ['deal_associations', 'deal_persons'],
    ['calls', 'touches'],
    ['emails', 'touches'],
    ['meetings', 'touches'],
    ['tasks', 'touches'],
    ['campaigns', 'campaigns'],
    ['campaign_spend', 'spend'],
    ['form_submissions', 'touches'],
    ['marketing_event_participations', 'touches'],
    ['email_events', 'touches'],
] -%}
with clock as (
    select * from {{ source('bound', 'clock') }}
),

{% for stream, entity in told %}
    {{ stream }}_as_{{ entity }} as (
        {{ rejects_of_api(source('bound_hubspot', stream), stream, entity) }}
    ),
{% endfor %}

rejects as (
    {% for stream, entity in told %}
        select * from {{ stream }}_as_{{ entity }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

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
from rejects
