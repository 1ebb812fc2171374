-- What the records say of a deal's stages, before it is put in order: its stage changes, its
-- creation where they don't tell how it began, and its present stage where they don't tell of it.
with deals as (
    select * from {{ ref('input_deals') }}
    where not is_deleted
),

changes as (
    select * from {{ ref('int_stage_claim') }}
    where deal_id is not null
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

opportunity as (
    select max(stage_order) as stage_order
    from stages
    where stage = 'opportunity'
),

placed_changes as (
    select
        deal_id,
        stage,
        stage_rank,
        occurred_at,
        row_number() over (
            partition by deal_id
            order by
                occurred_at desc nulls last, stage_rank desc nulls last, claim_key desc nulls last
        ) as place_from_end
    from changes
),

histories as (
    select
        deal_id,
        max(case when place_from_end = 1 then stage end) as last_stage,
        max(occurred_at) as last_changed_at,
        min(case when {{ closes('stage') }} then occurred_at end) as first_closed_at,
        max(case when stage_rank < 1000 then 1 else 0 end) as has_open_stage
    from placed_changes
    group by deal_id
),

-- A close that no stage change tells of happened on its date, though not before what the changes
-- tell.
presents as (
    select
        deals.deal_key as deal_id,
        deals.source,
        deals.source_record_id,
        deals.stage,
        deals.created_at,
        deals.close_reason,
        deals.stage is not null and deals.stage <> coalesce(histories.last_stage, '') as is_untold,
        case when {{ closes('deals.stage') }} then deals.closed_at end as closed_at,
        greatest(
            coalesce(
                case when {{ closes('deals.stage') }} then deals.closed_at end,
                deals.stage_seen_at,
                deals.loaded_at
            ),
            coalesce(histories.last_changed_at, cast('0001-01-01' as timestamp))
        ) as entered_at,
        histories.first_closed_at,
        coalesce(histories.has_open_stage, 0) = 1 as has_open_stage
    from deals
    left join histories on deals.deal_key = histories.deal_id
),

-- Without a history of open stages a deal entered one when it was created: the one that it is in
-- now, though `opportunity` at the latest.
creations as (
    select
        presents.deal_id,
        case
            when opportunity.stage_order is null then stages.stage
            when stages.stage_order < opportunity.stage_order then stages.stage
            else 'opportunity'
        end as stage,
        presents.created_at,
        coalesce(
            presents.first_closed_at,
            case
                when presents.is_untold and presents.closed_at is not null then presents.entered_at
            end
        ) as closed_at,
        presents.source,
        presents.source_record_id
    from presents
    cross join opportunity
    left join stages
        on presents.stage = stages.stage and not stages.is_exit and stages.stage <> 'won'
    where presents.created_at is not null and not presents.has_open_stage
),

judged_creations as (
    select
        creations.deal_id,
        creations.stage,
        creations.created_at,
        creations.closed_at,
        stages.stage_order,
        coalesce(
            {{ is_negative_span('created_at', 'closed_at', 'settings.time_zone') }},
            1 = 0
        ) as is_after_close,
        creations.source,
        creations.source_record_id
    from creations
    cross join settings
    inner join stages on creations.stage = stages.stage
    where creations.stage is not null
),

-- The present stage comes after all that is told of the same instant.
final as (
    select
        claim_key,
        deal_id,
        stage,
        stage_rank,
        occurred_at,
        evidence,
        1 = 1 as is_change,
        1 = 1 as is_dated,
        1 = 0 as is_after_close,
        changed_by_key,
        reason,
        source,
        source_record_id
    from changes
    union all
    select
        {{ key(["'created'", 'deal_id']) }} as claim_key,
        deal_id,
        stage,
        stage_order as stage_rank,
        case
            when not is_after_close and closed_at < created_at then closed_at
            else created_at
        end as occurred_at,
        'timestamp_property' as evidence,
        1 = 0 as is_change,
        1 = 1 as is_dated,
        is_after_close,
        cast(null as string) as changed_by_key,
        cast(null as string) as reason,
        source,
        source_record_id
    from judged_creations
    union all
    select
        {{ key(["'present'", 'presents.deal_id']) }} as claim_key,
        presents.deal_id,
        presents.stage,
        2000 + {{ stage_rank('presents.stage', 'stages.stage_order') }} as stage_rank,
        presents.entered_at as occurred_at,
        case when presents.closed_at is null then 'observed' else 'timestamp_property' end
            as evidence,
        1 = 0 as is_change,
        presents.closed_at is not null as is_dated,
        1 = 0 as is_after_close,
        cast(null as string) as changed_by_key,
        case when {{ closes('presents.stage') }} then presents.close_reason end as reason,
        presents.source,
        presents.source_record_id
    from presents
    inner join stages on presents.stage = stages.stage
    left join creations
        on presents.deal_id = creations.deal_id and presents.stage = creations.stage
    where presents.is_untold and creations.deal_id is null
)

select
    claim_key,
    deal_id,
    stage,
    stage_rank,
    occurred_at,
    evidence,
    is_change,
    is_dated,
    is_after_close,
    changed_by_key,
    reason,
    source,
    source_record_id
from final
