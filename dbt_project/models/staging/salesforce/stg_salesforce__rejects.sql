{%- set told = [
    ['leads', 'persons'],
    ['lead_history', 'stage_changes'],
    ['lead_history', 'owner_changes'],
    ['contacts', 'persons'],
    ['accounts', 'accounts'],
    ['campaigns', 'campaigns'],
    ['campaigns', 'spend'],
    ['campaign_members', 'touches'],
    ['opportunities', 'deals'],
    ['opportunity_history', 'stage_changes'],
    ['opportunity_history', 'deal_amounts'],
    ['opportunity_field_history', 'owner_changes'],
    ['opportunity_contact_roles', 'deal_persons'],
    ['tasks', 'touches'],
    ['events', 'touches'],
    ['users', 'users'],
    ['currency_types', 'exchange_rates'],
    ['dated_conversion_rates', 'exchange_rates'],
] -%}
with clock as (
    select * from {{ source('bound', 'clock') }}
),

{% for stream, entity in told %}
    {{ stream }}_as_{{ entity }} as (
        {{ rejects_of_api(source('bound_salesforce', stream), stream, entity) }}
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
