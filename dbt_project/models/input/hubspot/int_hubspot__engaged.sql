-- With whom and on which deal an engagement was: a row a contact, or one alone where there is none.
with calls as (
    select * from {{ ref('stg_hubspot__call_associations') }}
),

emails as (
    select * from {{ ref('stg_hubspot__email_associations') }}
),

meetings as (
    select * from {{ ref('stg_hubspot__meeting_associations') }}
),

tasks as (
    select * from {{ ref('stg_hubspot__task_associations') }}
),

every_association as (
    {% for kind in ['calls', 'emails', 'meetings', 'tasks'] %}
        select
            source,
            '{{ kind }}' as stream,
            from_id,
            to_type,
            to_id,
            is_deleted
        from {{ kind }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

deals as (
    select
        source,
        stream,
        from_id,
        min(to_id) as deal
    from every_association
    where to_type = 'deals' and not is_deleted
    group by source, stream, from_id
),

contacts as (
    select
        source,
        stream,
        from_id,
        to_id as person
    from every_association
    where to_type = 'contacts' and not is_deleted
    group by source, stream, from_id, to_id
)

select
    coalesce(contacts.source, deals.source) as source,
    coalesce(contacts.stream, deals.stream) as stream,
    coalesce(contacts.from_id, deals.from_id) as id,
    contacts.person,
    deals.deal
from contacts
full outer join deals
    on
        contacts.source = deals.source
        and contacts.stream = deals.stream
        and contacts.from_id = deals.from_id
