with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

stages as (
    select * from {{ ref('int_salesforce__opportunity_stages') }}
),

-- Salesforce tells the day of a close; when on that day, the history of the stage.
entered as (
    select
        source,
        opportunity_id,
        stage_name,
        max(changed_at) as changed_at
    from stages
    where is_change
    group by source, opportunity_id, stage_name
),

stage_words as (
    select * from {{ source('agreement', 'stage_words') }}
),

-- A column of stages that the agreement does not name tells of no stage.
vocabularies as (
    select vocabulary
    from stage_words
    group by vocabulary
)

select
    opportunities.source,
    'opportunities' as stream,
    opportunities.record_key,
    opportunities.id as record_id,
    substr(opportunities.id, 1, 15) as external_id,
    opportunities.name,
    opportunities.account_id as account,
    opportunities.contact_id as person,
    opportunities.type as pipeline,
    case when vocabularies.vocabulary is not null then opportunities.stage_name end as stage,
    opportunities.source || '.opportunities.stage_name' as stage_vocabulary,
    opportunities.stage_name_seen_at as stage_seen_at,
    opportunities.amount,
    opportunities.currency_iso_code as currency,
    opportunities.owner_id as owner,
    opportunities.lead_source,
    opportunities.campaign_id as campaign,
    opportunities.created_date as created_at,
    case
        when opportunities.is_closed
            then coalesce(entered.changed_at, cast(opportunities.close_date as timestamp))
    end as closed_at,
    opportunities.close_date_then as expected_close_on,
    case when opportunities.is_closed then opportunities.close_reason end as close_reason,
    opportunities.origin,
    opportunities.first_loaded_at,
    opportunities.loaded_at,
    opportunities.run_id,
    opportunities.is_deleted
from opportunities
left join entered
    on
        opportunities.source = entered.source
        and opportunities.id = entered.opportunity_id
        and opportunities.stage_name = entered.stage_name
left join vocabularies
    on opportunities.source || '.opportunities.stage_name' = vocabularies.vocabulary
