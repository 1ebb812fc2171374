with deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

stages as (
    select * from {{ ref('stg_hubspot__pipeline_stages') }}
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
    deals.source,
    'deals' as stream,
    deals.record_key,
    deals.id as record_id,
    -- An id of Salesforce has 15 characters, and three more that only check them.
    substr(deals.hs_salesforceopportunityid, 1, 15) as external_id,
    deals.dealname as name,
    deals.hs_primary_associated_company as account,
    cast(null as string) as person,
    deals.pipeline,
    -- People know a stage by its label; one that no pipeline has any more keeps its id.
    case when vocabularies.vocabulary is not null then coalesce(stages.label, deals.dealstage) end
        as stage,
    deals.source || '.deals.dealstage' as stage_vocabulary,
    deals.dealstage_seen_at as stage_seen_at,
    deals.amount,
    deals.deal_currency_code as currency,
    deals.hubspot_owner_id as owner,
    deals.hs_analytics_source as lead_source,
    deals.hs_campaign as campaign,
    deals.createdate as created_at,
    case when deals.hs_is_closed then deals.closedate end as closed_at,
    cast(deals.closedate_then as date) as expected_close_on,
    coalesce(deals.closed_lost_reason, deals.closed_won_reason) as close_reason,
    deals.origin,
    deals.first_loaded_at,
    deals.loaded_at,
    deals.run_id,
    deals.is_deleted
from deals
left join stages
    on
        deals.source = stages.source
        and deals.pipeline = stages.pipeline_id
        and deals.dealstage = stages.id
left join vocabularies
    on deals.source || '.deals.dealstage' = vocabularies.vocabulary
