-- What the histories of contacts and deals say of their owners, and whom each has now.
with contact_history as (
    select * from {{ ref('stg_hubspot__contact_history') }}
),

deal_history as (
    select * from {{ ref('stg_hubspot__deal_history') }}
),

contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owners') }}
),

owner_ids as (
    select
        source,
        user_id,
        min(id) as id
    from owners
    where user_id is not null
    group by source, user_id
),

-- A contact and a deal may have the same id.
histories as (
    select
        source,
        'contact_history' as stream,
        'contacts|' || record_key as record_key,
        'person' as subject_kind,
        contact_id as subject,
        value as owner,
        changed_at,
        nth,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contact_history
    where property = 'hubspot_owner_id'
    union all
    select
        source,
        'deal_history' as stream,
        'deals|' || record_key as record_key,
        'deal' as subject_kind,
        deal_id as subject,
        value as owner,
        changed_at,
        nth,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from deal_history
    where property = 'hubspot_owner_id'
),

present as (
    select
        source,
        'contacts' as stream,
        'person' as subject_kind,
        id as subject,
        hubspot_owner_id as owner,
        lastmodifieddate as changed_at,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contacts
    union all
    select
        source,
        'deals' as stream,
        'deal' as subject_kind,
        id as subject,
        hubspot_owner_id as owner,
        hs_lastmodifieddate as changed_at,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from deals
),

ranked as (
    select
        source,
        subject_kind,
        subject,
        owner,
        row_number() over (
            partition by source, subject_kind, subject
            order by changed_at desc nulls last, nth desc nulls last
        ) as recency
    from histories
),

-- The present owner wins over a history that does not end in them.
disagreeing as (
    select
        present.source,
        present.stream,
        present.stream || '|' || present.subject || '|present' as record_key,
        present.subject_kind,
        present.subject,
        present.owner,
        present.changed_at,
        present.origin,
        present.loaded_at,
        present.run_id,
        present.is_deleted
    from present
    left join ranked
        on
            present.source = ranked.source
            and present.subject_kind = ranked.subject_kind
            and present.subject = ranked.subject
            and ranked.recency = 1
    where
        present.owner is not null
        and (ranked.owner is null or ranked.owner <> present.owner)
)

select
    histories.source,
    histories.stream,
    histories.record_key,
    histories.subject_kind,
    histories.subject,
    histories.owner,
    histories.changed_at,
    owner_ids.id as changed_by,
    histories.origin,
    histories.loaded_at,
    histories.run_id,
    histories.is_deleted
from histories
left join owner_ids
    on
        histories.source = owner_ids.source
        and histories.updated_by_user_id = owner_ids.user_id
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
