-- What the histories of leads and opportunities say of their stages, and what each has now.
with leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

lead_history as (
    select * from {{ ref('stg_salesforce__lead_history') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

opportunity_stages as (
    select * from {{ ref('int_salesforce__opportunity_stages') }}
),

statuses as (
    select
        source,
        record_key,
        lead_id,
        old_value,
        new_value,
        created_by_id,
        created_date,
        row_number() over (
            partition by source, lead_id
            order by created_date asc nulls last, record_key asc nulls last
        ) as nth,
        row_number() over (
            partition by source, lead_id
            order by created_date desc nulls last, record_key desc nulls last
        ) as recency,
        origin,
        loaded_at,
        run_id,
        is_deleted
    from lead_history
    where field = 'Status'
),

-- Of a lead's history only changes are kept: the first status is the old one of the first change.
first_statuses as (
    select
        leads.source,
        leads.id || '|created' as record_key,
        leads.id as lead_id,
        case when statuses.lead_id is null then leads.status else statuses.old_value end as status,
        leads.created_date as changed_at,
        leads.origin,
        leads.loaded_at,
        leads.run_id,
        leads.is_deleted
    from leads
    left join statuses
        on leads.source = statuses.source and leads.id = statuses.lead_id and statuses.nth = 1
),

disagreeing_leads as (
    select
        leads.source,
        leads.id || '|present' as record_key,
        leads.id as lead_id,
        leads.status,
        leads.status_seen_at as changed_at,
        leads.origin,
        leads.loaded_at,
        leads.run_id,
        leads.is_deleted
    from leads
    inner join statuses
        on leads.source = statuses.source and leads.id = statuses.lead_id and statuses.recency = 1
    where leads.status is not null and leads.status <> coalesce(statuses.new_value, '')
),

disagreeing_opportunities as (
    select
        opportunities.source,
        opportunities.id || '|present' as record_key,
        opportunities.id as opportunity_id,
        opportunities.stage_name,
        case
            when opportunity_stages.opportunity_id is null then opportunities.created_date
            else coalesce(
                opportunities.last_stage_change_date, opportunities.stage_name_seen_at
            )
        end as changed_at,
        case
            when opportunity_stages.opportunity_id is null then 'timestamp_property'
            else 'observed'
        end as evidence,
        opportunities.origin,
        opportunities.loaded_at,
        opportunities.run_id,
        opportunities.is_deleted
    from opportunities
    left join opportunity_stages
        on
            opportunities.source = opportunity_stages.source
            and opportunities.id = opportunity_stages.opportunity_id
            and opportunity_stages.is_newest
    where
        opportunities.stage_name is not null
        and (
            opportunity_stages.stage_name is null
            or opportunity_stages.stage_name <> opportunities.stage_name
        )
)

select
    source,
    'lead_history' as stream,
    record_key,
    'person' as subject_kind,
    lead_id as subject,
    new_value as stage,
    source || '.leads.status' as stage_vocabulary,
    created_date as changed_at,
    'history' as evidence,
    created_by_id as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from statuses
where new_value is not null
union all
select
    source,
    'leads' as stream,
    record_key,
    'person' as subject_kind,
    lead_id as subject,
    status as stage,
    source || '.leads.status' as stage_vocabulary,
    changed_at,
    'timestamp_property' as evidence,
    cast(null as string) as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from first_statuses
where status is not null
union all
select
    source,
    'leads' as stream,
    record_key,
    'person' as subject_kind,
    lead_id as subject,
    status as stage,
    source || '.leads.status' as stage_vocabulary,
    changed_at,
    'observed' as evidence,
    cast(null as string) as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from disagreeing_leads
union all
select
    source,
    'opportunity_history' as stream,
    record_key,
    'deal' as subject_kind,
    opportunity_id as subject,
    stage_name as stage,
    source || '.opportunities.stage_name' as stage_vocabulary,
    changed_at,
    'history' as evidence,
    created_by_id as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from opportunity_stages
where is_change
union all
select
    source,
    'opportunities' as stream,
    record_key,
    'deal' as subject_kind,
    opportunity_id as subject,
    stage_name as stage,
    source || '.opportunities.stage_name' as stage_vocabulary,
    changed_at,
    evidence,
    cast(null as string) as changed_by,
    origin,
    loaded_at,
    run_id,
    is_deleted
from disagreeing_opportunities
