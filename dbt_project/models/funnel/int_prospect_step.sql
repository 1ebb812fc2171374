-- What happens to a prospect, in order: it becomes known, enters stages, and deals begin, reopen
-- and close.
with starts as (
    select * from {{ ref('int_prospect_start') }}
),

contacts as (
    select * from {{ ref('int_deal_contact') }}
),

deals as (
    select * from {{ ref('int_deal') }}
),

spans as (
    select * from {{ ref('int_deal_span') }}
),

claims as (
    select * from {{ ref('int_stage_claim') }}
    where prospect_id is not null
),

stages as (
    select * from {{ source('agreement', 'stages') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- From which stage on an entry qualifies a prospect anew.
qualification as (
    select
        coalesce(
            max(case when stage = 'mql' then stage_order end),
            min(case when owner = 'sales' then stage_order end)
        ) as from_order
    from stages
),

-- A deal reaches a contact when both are there: no sooner than the contact is known.
contact_spans as (
    select
        contacts.prospect_id,
        contacts.deal_id,
        deals.started_at,
        spans.period,
        case
            when spans.opened_at < starts.known_since or spans.opened_at is null
                then starts.known_since
            else spans.opened_at
        end as opened_at,
        case
            when spans.closed_at < starts.known_since then starts.known_since
            else spans.closed_at
        end as closed_at
    from contacts
    inner join starts on contacts.prospect_id = starts.prospect_id
    inner join deals on contacts.deal_id = deals.deal_id
    inner join spans on contacts.deal_id = spans.deal_id
),

steps as (
    select
        prospect_id,
        'start' as kind,
        known_since as step_at,
        0 as kind_rank,
        0 as stage_rank,
        cast(null as timestamp) as deal_started_at,
        prospect_id as told_apart_by,
        cast(null as string) as claim_key,
        cast(null as string) as deal_id,
        cast(null as bigint) as period,
        cast(null as string) as stage,
        0 as open_deals_change
    from starts
    union all
    select
        claims.prospect_id,
        'claim' as kind,
        claims.occurred_at as step_at,
        case when {{ closes('claims.stage') }} then 3 else 1 end as kind_rank,
        claims.stage_rank,
        cast(null as timestamp) as deal_started_at,
        claims.claim_key as told_apart_by,
        claims.claim_key,
        cast(null as string) as deal_id,
        cast(null as bigint) as period,
        claims.stage,
        0 as open_deals_change
    from claims
    cross join clock
    where claims.occurred_at <= clock.as_of
    union all
    select
        prospect_id,
        case when period = 0 then 'deal_joined' else 'deal_reopened' end as kind,
        opened_at as step_at,
        case when period = 0 then 2 else 4 end as kind_rank,
        0 as stage_rank,
        started_at as deal_started_at,
        deal_id as told_apart_by,
        cast(null as string) as claim_key,
        deal_id,
        period,
        cast(null as string) as stage,
        1 as open_deals_change
    from contact_spans
    union all
    select
        prospect_id,
        'deal_closed' as kind,
        closed_at as step_at,
        5 as kind_rank,
        0 as stage_rank,
        started_at as deal_started_at,
        deal_id as told_apart_by,
        cast(null as string) as claim_key,
        deal_id,
        period,
        cast(null as string) as stage,
        -1 as open_deals_change
    from contact_spans
    where closed_at is not null
)

select
    steps.prospect_id,
    cast(
        row_number() over (
            partition by steps.prospect_id
            order by
                steps.step_at asc nulls first, steps.kind_rank asc nulls last,
                steps.stage_rank asc nulls last, steps.deal_started_at asc nulls first,
                steps.told_apart_by asc nulls last, steps.period asc nulls last
        ) as bigint
    ) as place,
    steps.kind,
    steps.step_at,
    steps.claim_key,
    steps.deal_id,
    steps.period,
    steps.stage,
    coalesce({{ closes('steps.stage') }}, 1 = 0) as is_exit,
    coalesce(stages.stage_order >= qualification.from_order and stages.stage <> 'won', 1 = 0)
        as is_qualification,
    steps.open_deals_change
from steps
cross join qualification
left join stages on steps.stage = stages.stage
