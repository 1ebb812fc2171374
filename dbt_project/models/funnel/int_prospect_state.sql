-- How each step finds a prospect's journeys, and whether it opens one.
--
-- A prospect has at most one free journey: an open one that carries no deal. A deal takes it, or
-- opens a journey beside those that are open. So a step needs to know only how many deals are open
-- and whether a journey is free, and both follow from the steps before it without walking them one
-- by one.
with steps as (
    select * from {{ ref('int_prospect_step') }}
),

with_open_deals as (
    select
        prospect_id,
        place,
        kind,
        is_exit,
        is_qualification,
        sum(open_deals_change) over (
            partition by prospect_id order by place asc nulls last
            rows between unbounded preceding and current row
        ) - open_deals_change as open_deals
    from steps
),

-- Whether a journey is free after a step: 1 yes, 0 no, null as it was before.
with_free_after as (
    select
        prospect_id,
        place,
        kind,
        is_qualification,
        open_deals,
        case
            when kind = 'start' then 1
            when kind = 'deal_joined' or is_exit then 0
            when is_qualification and open_deals = 0 then 1
        end as free_after
    from with_open_deals
),

with_free_before as (
    select
        prospect_id,
        place,
        kind,
        is_qualification,
        open_deals,
        {{ carried('free_after', 2, 'prospect_id') }} = 1 as has_free
    from with_free_after
),

with_opening as (
    select
        prospect_id,
        place,
        kind,
        open_deals,
        has_free,
        case
            when kind = 'start' then 1
            when has_free then 0
            when kind = 'deal_joined' then 1
            when is_qualification and open_deals = 0 then 1
            else 0
        end as opens
    from with_free_before
),

counted as (
    select
        prospect_id,
        place,
        kind,
        open_deals,
        has_free,
        opens,
        sum(opens) over (
            partition by prospect_id order by place asc nulls last
            rows between unbounded preceding and current row
        ) as opened_so_far
    from with_opening
)

select
    prospect_id,
    place,
    cast(open_deals as bigint) as open_deals,
    has_free,
    opens = 1 as opens,
    cast(opened_so_far as bigint) as opened_so_far,
    cast(max(case when opens = 1 and kind <> 'deal_joined' then opened_so_far end) over (
        partition by prospect_id order by place asc nulls last
        rows between unbounded preceding and current row
    ) as bigint) as newest_free_seq
from counted
