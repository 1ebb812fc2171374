-- What the history of a contact's and a deal's stage says, and what each has now.
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

stages as (
    select * from {{ ref('stg_hubspot__pipeline_stages') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owners') }}
),

-- A stage's id is one of its portal's, whatever the pipeline.
labels as (
    select
        source,
        id,
        min(label) as label
    from stages
    group by source, id
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

histories as (
    select
        source,
        'contact_history' as stream,
        record_key,
        'person' as subject_kind,
        contact_id as subject,
        property,
        'contacts' as kind,
        value,
        changed_at,
        nth,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contact_history
    where property in ('lifecyclestage', 'hs_lead_status')
    union all
    select
        source,
        'deal_history' as stream,
        record_key,
        'deal' as subject_kind,
        deal_id as subject,
        property,
        'deals' as kind,
        value,
        changed_at,
        nth,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from deal_history
    where property = 'dealstage'
),

present as (
    select
        source,
        'contacts' as kind,
        'person' as subject_kind,
        id as subject,
        'lifecyclestage' as property,
        lifecyclestage as value,
        lastmodifieddate as modified_at,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contacts
    union all
    select
        source,
        'contacts' as kind,
        'person' as subject_kind,
        id as subject,
        'hs_lead_status' as property,
        hs_lead_status as value,
        lastmodifieddate as modified_at,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from contacts
    union all
    select
        source,
        'deals' as kind,
        'deal' as subject_kind,
        id as subject,
        'dealstage' as property,
        dealstage as value,
        hs_lastmodifieddate as modified_at,
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
        property,
        value,
        row_number() over (
            partition by source, subject_kind, subject, property
            order by changed_at desc nulls last, nth desc nulls last
        ) as recency
    from histories
),

-- The present stage wins over a history that does not end in it.
disagreeing as (
    select
        present.source,
        present.kind as stream,
        present.subject || '|' || present.property || '|present' as record_key,
        present.subject_kind,
        present.subject,
        present.property,
        present.kind,
        present.value,
        present.modified_at as changed_at,
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
            and present.property = ranked.property
            and ranked.recency = 1
    where
        present.value is not null
        and (ranked.value is null or ranked.value <> present.value)
),

claims as (
    select
        source,
        stream,
        record_key,
        subject_kind,
        subject,
        property,
        kind,
        value,
        changed_at,
        'history' as evidence,
        updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from histories
    where value is not null
    union all
    select
        source,
        stream,
        record_key,
        subject_kind,
        subject,
        property,
        kind,
        value,
        changed_at,
        'observed' as evidence,
        cast(null as string) as updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from disagreeing
)

select
    claims.source,
    claims.stream,
    claims.record_key,
    claims.subject_kind,
    claims.subject,
    case when claims.kind = 'deals' then coalesce(labels.label, claims.value) else claims.value end
        as stage,
    claims.source || '.' || claims.kind || '.' || claims.property as stage_vocabulary,
    claims.changed_at,
    claims.evidence,
    owner_ids.id as changed_by,
    claims.origin,
    claims.loaded_at,
    claims.run_id,
    claims.is_deleted
from claims
left join labels
    on claims.kind = 'deals' and claims.source = labels.source and claims.value = labels.id
left join owner_ids
    on
        claims.source = owner_ids.source
        and claims.updated_by_user_id = owner_ids.user_id
