-- What the histories of leads and opportunities say of their owners, and whom each has now; of
-- contacts what the loads have found.
with leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

lead_history as (
    select * from {{ ref('stg_salesforce__lead_history') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

contact_owners as (
    select * from {{ ref('stg_salesforce__contact_owner_spans') }}
),

opportunity_history as (
    select * from {{ ref('stg_salesforce__opportunity_field_history') }}
),

records as (
    select
        source,
        'leads' as stream,
        'person' as subject_kind,
        id,
        owner_id,
        created_date,
        system_modstamp,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from leads
    union all
    select
        source,
        'opportunities' as stream,
        'deal' as subject_kind,
        id,
        owner_id,
        created_date,
        system_modstamp,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from opportunities
),

histories as (
    select
        source,
        'lead_history' as stream,
        record_key,
        'person' as subject_kind,
        lead_id as subject,
        old_value,
        new_value,
        created_by_id,
        created_date,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from lead_history
    where field = 'Owner' and {{ is_owner_id('new_value') }}
    union all
    select
        source,
        'opportunity_field_history' as stream,
        record_key,
        'deal' as subject_kind,
        opportunity_id as subject,
        old_value,
        new_value,
        created_by_id,
        created_date,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from opportunity_history
    where field = 'Owner' and {{ is_owner_id('new_value') }}
),

ranked as (
    select
        source,
        subject_kind,
        subject,
        old_value,
        new_value,
        row_number() over (
            partition by source, subject_kind, subject
            order by created_date asc nulls last, record_key asc nulls last
        ) as nth,
        row_number() over (
            partition by source, subject_kind, subject
            order by created_date desc nulls last, record_key desc nulls last
        ) as recency
    from histories
),

-- Only changes are kept: the first owner is the old one of the first change.
firsts as (
    select
        records.source,
        records.stream,
        records.id || '|created' as record_key,
        records.subject_kind,
        records.id as subject,
        case when ranked.subject is null then records.owner_id else ranked.old_value end as owner,
        records.created_date as changed_at,
        records.origin,
        records.loaded_at,
        records.run_id,
        records.is_deleted
    from records
    left join ranked
        on
            records.source = ranked.source
            and records.subject_kind = ranked.subject_kind
            and records.id = ranked.subject
            and ranked.nth = 1
),

disagreeing as (
    select
        records.source,
        records.stream,
        records.id || '|present' as record_key,
        records.subject_kind,
        records.id as subject,
        records.owner_id as owner,
        records.system_modstamp as changed_at,
        records.origin,
        records.loaded_at,
        records.run_id,
        records.is_deleted
    from records
    inner join ranked
        on
            records.source = ranked.source
            and records.subject_kind = ranked.subject_kind
            and records.id = ranked.subject
            and ranked.recency = 1
    where
        records.owner_id is not null
        and substr(records.owner_id, 1, 15) <> substr(ranked.new_value, 1, 15)
)

select
    source,
    stream,
    record_key,
    subject_kind,
    subject,
    new_value as owner,
    created_date as changed_at,
    created_by_id as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from histories
union all
select
    source,
    stream,
    record_key,
    subject_kind,
    subject,
    owner,
    changed_at,
    cast(null as string) as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from firsts
where owner is not null
union all
select
    source,
    stream,
    record_key,
    subject_kind,
    subject,
    owner,
    changed_at,
    cast(null as string) as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from disagreeing
union all
select
    contacts.source,
    'contacts' as stream,
    {{ span_key('contacts.record_key', 'contact_owners.valid_from') }} as record_key,
    'person' as subject_kind,
    contacts.id as subject,
    contact_owners.owner_id as owner,
    coalesce(contact_owners.valid_from, contacts.created_date) as changed_at,
    cast(null as string) as changed_by,
    contacts.origin,
    contacts.loaded_at,
    contacts.run_id,
    contacts.is_deleted
from contacts
inner join contact_owners
    on
        contacts.source = contact_owners.source
        and contacts.record_key = contact_owners.record_key
