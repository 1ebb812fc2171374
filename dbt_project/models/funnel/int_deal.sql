-- Deals that had begun by as_of, each with its state then.
with deals as (
    select * from {{ ref('input_deals') }}
    where not is_deleted
),

deal_accounts as (
    select * from {{ ref('int_deal_account') }}
    where is_primary
),

claims as (
    select * from {{ ref('int_deal_claim') }}
),

events as (
    select * from {{ ref('int_deal_event') }}
),

amounts as (
    select * from {{ ref('int_deal_amount') }}
),

owner_changes as (
    select * from {{ ref('input_owner_changes') }}
    where subject_kind = 'deal' and not is_deleted
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

told as (
    select
        deal_id,
        min(case when is_dated then occurred_at end) as first_told_at,
        max(case when not is_dated and {{ closes('stage') }} then 1 else 0 end)
            as has_undated_close,
        max(case when is_change then 1 else 0 end) as has_history
    from claims
    group by deal_id
),

ranked_events as (
    select
        deal_id,
        stage,
        occurred_at,
        reason,
        max(period) over (partition by deal_id) as reopenings,
        row_number() over (partition by deal_id order by place desc nulls last) as place_from_end
    from events
    where counts
),

ranked_owners as (
    select
        owner_changes.deal_key as deal_id,
        owner_changes.owner_key as owner_id,
        row_number() over (
            partition by owner_changes.deal_key
            order by
                owner_changes.changed_at desc nulls last,
                owner_changes.owner_change_key desc nulls last
        ) as place_from_end
    from owner_changes
    cross join clock
    where owner_changes.changed_at <= clock.as_of
),

-- A deal that nothing dates began when it was first seen, if that was by as_of; else nobody knows
-- when.
begun as (
    select
        deals.deal_key as deal_id,
        case
            when coalesce(deals.created_at, told.first_told_at) is not null
                then least(
                    coalesce(deals.created_at, told.first_told_at),
                    coalesce(told.first_told_at, deals.created_at)
                )
            when deals.first_loaded_at <= clock.as_of then deals.first_loaded_at
        end as started_at,
        coalesce(
            told.has_undated_close = 1
            and told.has_history = 0
            and deals.stage_seen_at > clock.as_of
            and deals.stage_seen_at <= deals.first_loaded_at,
            1 = 0
        ) as is_undated_close,
        deals.first_loaded_at <= clock.as_of as as_of_exact
    from deals
    cross join clock
    left join told on deals.deal_key = told.deal_id
),

states as (
    select
        begun.deal_id,
        begun.started_at,
        begun.is_undated_close,
        begun.as_of_exact,
        case when not begun.is_undated_close then ranked_events.stage end as stage,
        case
            when not begun.is_undated_close and {{ closes('ranked_events.stage') }}
                then ranked_events.occurred_at
        end as closed_at,
        case when {{ closes('ranked_events.stage') }} then ranked_events.reason end as reason,
        coalesce(ranked_events.reopenings, 0) as reopenings
    from begun
    cross join clock
    left join ranked_events
        on begun.deal_id = ranked_events.deal_id and ranked_events.place_from_end = 1
    where begun.started_at is null or begun.started_at <= clock.as_of
)

select
    deals.deal_key as deal_id,
    deals.name,
    deal_accounts.account_id,
    deals.person_key,
    deals.pipeline,
    case
        when states.stage is not null then states.stage
        when states.is_undated_close or not {{ closes('deals.stage') }} then deals.stage
    end as stage,
    case
        when states.is_undated_close then deals.stage
        when states.closed_at is not null then states.stage
        else 'open'
    end as outcome,
    amounts.amount,
    coalesce(amounts.currency, deals.currency, settings.reporting_currency) as currency,
    first_amounts.amount as amount_at_creation,
    first_amounts.currency as currency_at_creation,
    {{ local_date('coalesce(states.closed_at, clock.as_of)', 'settings.time_zone') }} as rate_day,
    case when owners.deal_id is null then deals.owner_key else owners.owner_id end as owner_id,
    deals.lead_source,
    deals.campaign_key as campaign_id,
    deals.created_at,
    states.started_at,
    states.closed_at,
    deals.expected_close_on,
    case
        when states.closed_at is not null or states.is_undated_close
            then coalesce(states.reason, deals.close_reason)
    end as close_reason,
    states.reopenings,
    states.is_undated_close,
    states.as_of_exact,
    deals.source,
    deals.source_record_id,
    deals.loaded_at,
    deals.run_id
from states
inner join deals on states.deal_id = deals.deal_key
cross join clock
cross join settings
left join amounts on deals.deal_key = amounts.deal_id and amounts.valid_to is null
left join amounts as first_amounts
    on deals.deal_key = first_amounts.deal_id and first_amounts.is_first_amount
left join deal_accounts on deals.deal_key = deal_accounts.deal_id
left join ranked_owners as owners on deals.deal_key = owners.deal_id and owners.place_from_end = 1
