with deals as (
    select * from {{ ref('fct_deal') }}
),

deal_records as (
    select * from {{ ref('int_deal') }}
),

negative as (
    select * from {{ ref('int_negative_span') }}
),

spend as (
    select * from {{ ref('fct_spend') }}
),

spend_records as (
    select * from {{ ref('input_spend') }}
),

primary_negatives as (
    select
        deals.deal_id,
        min(negative.entered_at) as entered_at,
        min(negative.left_at) as left_at
    from negative
    inner join deals on negative.journey_id = deals.journey_id
    group by deals.deal_id
),

final as (
    select
        'deals' as entity,
        deals.deal_id as record_key,
        deals.source,
        deals.source_record_id,
        'missing_rate' as reason,
        'no rate of '
        || case
            when deals.amount is not null and deals.exchange_rate is null then deals.currency
            else deals.currency_at_creation
        end || ' for ' || cast(deals.rate_day as string) as detail,
        deal_records.loaded_at,
        deal_records.run_id
    from deals
    inner join deal_records on deals.deal_id = deal_records.deal_id
    where
        (deals.amount is not null and deals.exchange_rate is null)
        or (
            deals.amount_at_creation is not null and deals.amount_at_creation_reporting is null
        )
    union all
    select
        'spend' as entity,
        spend.spend_id as record_key,
        spend.source,
        spend.source_record_id,
        'missing_rate' as reason,
        'no rate of ' || spend.currency || ' for ' || cast(spend.day as string) as detail,
        spend_records.loaded_at,
        spend_records.run_id
    from spend
    inner join spend_records on spend.spend_id = spend_records.spend_key
    where spend.amount_reporting is null
    union all
    select
        'deals' as entity,
        deals.deal_id as record_key,
        deals.source,
        deals.source_record_id,
        'negative_duration' as reason,
        'closed at ' || cast(primary_negatives.left_at as string)
        || ', before it entered the funnel at ' || cast(primary_negatives.entered_at as string)
            as detail,
        deal_records.loaded_at,
        deal_records.run_id
    from primary_negatives
    inner join deals on primary_negatives.deal_id = deals.deal_id
    inner join deal_records on deals.deal_id = deal_records.deal_id
    union all
    select
        'deals' as entity,
        deals.deal_id as record_key,
        deals.source,
        deals.source_record_id,
        'undated_close' as reason,
        'it is ' || deals.outcome || ', and nothing tells since when' as detail,
        deal_records.loaded_at,
        deal_records.run_id
    from deals
    inner join deal_records on deals.deal_id = deal_records.deal_id
    where deal_records.is_undated_close
)

select
    {{ key(['reason', 'entity', 'record_key']) }} as excluded_key,
    entity,
    source,
    entity as stream,
    source_record_id,
    reason,
    detail,
    1 = 0 as is_deleted,
    loaded_at,
    run_id
from final
