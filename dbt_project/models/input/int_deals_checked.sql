with deals as (
    {{ recorded('deals', [
        'source', 'stream', 'record_key', 'record_id', 'external_id', 'name', 'account',
        'person', 'pipeline', 'stage', 'stage_vocabulary', 'stage_seen_at', 'amount', 'currency',
        'owner', 'lead_source', 'campaign', 'created_at', 'closed_at', 'expected_close_on',
        'close_reason', 'origin', 'first_loaded_at', 'loaded_at', 'run_id', 'is_deleted',
    ]) }}
),

stage_words as (
    select * from {{ source('agreement', 'stage_words') }}
)

select
    {{ key(['deals.source', 'deals.record_id']) }} as deal_key,
    deals.source,
    deals.stream,
    deals.record_key as source_record_id,
    deals.record_id,
    deals.external_id,
    deals.name,
    {{ reference_key('deals.source', 'deals.account') }} as account_key,
    {{ reference_key('deals.source', 'deals.person') }} as person_key,
    deals.pipeline,
    stage_words.stage,
    deals.stage_seen_at,
    deals.amount,
    deals.currency,
    {{ reference_key('deals.source', 'deals.owner') }} as owner_key,
    deals.lead_source,
    deals.campaign,
    {{ reference_key('deals.source', 'deals.campaign') }} as campaign_key,
    deals.created_at,
    deals.closed_at,
    deals.expected_close_on,
    deals.close_reason,
    deals.is_deleted,
    deals.origin,
    deals.first_loaded_at,
    deals.loaded_at,
    deals.run_id,
    {{ fault_columns([
        missing('deals.record_id'),
        unmapped_stage('deals'),
        in_the_future('deals.created_at', 'deals.loaded_at'),
        in_the_future('deals.closed_at', 'deals.loaded_at'),
    ]) }}
from deals
left join stage_words
    on
        deals.stage_vocabulary = stage_words.vocabulary
        and {{ word('deals.stage') }} = {{ word('stage_words.word') }}
