-- What the history of a contact's and a deal's stage says, when its own properties say that it
-- entered a stage of which the history is silent, and what each has now.
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

stage_dates as (
    select * from {{ ref('int_hubspot__stage_dates') }}
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
        lifecyclestage_seen_at as seen_at,
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
        hs_lead_status_seen_at as seen_at,
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
        dealstage_seen_at as seen_at,
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

told as (
    select
        source,
        subject_kind,
        subject,
        property,
        value
    from histories
    where value is not null
    group by source, subject_kind, subject, property, value
),

last_changes as (
    select
        source,
        subject_kind,
        subject,
        property,
        max(changed_at) as changed_at
    from histories
    group by source, subject_kind, subject, property
),

-- A history that was cut off, or may not be read, lacks stages that the record has a date of.
dated as (
    select
        stage_dates.source,
        stage_dates.stream,
        stage_dates.record_key,
        stage_dates.subject_kind,
        stage_dates.subject,
        stage_dates.property,
        stage_dates.value,
        stage_dates.entered_at,
        stage_dates.entered_at is not null
        and coalesce(stage_dates.entered_at >= last_changes.changed_at, 1 = 1) as is_last,
        stage_dates.origin,
        stage_dates.loaded_at,
        stage_dates.run_id,
        stage_dates.is_deleted
    from stage_dates
    left join told
        on
            stage_dates.source = told.source
            and stage_dates.subject_kind = told.subject_kind
            and stage_dates.subject = told.subject
            and stage_dates.property = told.property
            and stage_dates.value = told.value
    left join last_changes
        on
            stage_dates.source = last_changes.source
            and stage_dates.subject_kind = last_changes.subject_kind
            and stage_dates.subject = last_changes.subject
            and stage_dates.property = last_changes.property
    where told.value is null
),

-- The present stage wins over a history that does not end in it; no date of its own tells when.
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
        present.seen_at as changed_at,
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
    left join dated
        on
            present.source = dated.source
            and present.subject_kind = dated.subject_kind
            and present.subject = dated.subject
            and present.property = dated.property
            and present.value = dated.value
            and dated.is_last
    where
        present.value is not null
        and dated.value is null
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
        stream as kind,
        value,
        entered_at as changed_at,
        'timestamp_property' as evidence,
        cast(null as string) as updated_by_user_id,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from dated
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
