-- The deals behind joint_nurture_effect: how long each was worked on by both teams, and its end.
with deals as (
    select * from {{ ref('int_nurture_deal') }}
),

spells as (
    select * from {{ ref('int_nurture_spell') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

days as (
    select
        deal_id,
        lag_days,
        sum(case when is_joint then to_day - from_day + 1 else 0 end) as joint_days,
        sum(case when is_joint then 0 else to_day - from_day + 1 end) as other_days
    from spells
    group by deal_id, lag_days
)

select
    deals.deal_id,
    days.lag_days,
    deals.journey_id,
    deals.segment,
    deals.source,
    deals.amount,
    deals.cohort,
    deals.opportunity_on,
    deals.first_day,
    deals.last_day,
    deals.ended_as,
    cast(days.joint_days as bigint) as joint_days,
    cast(days.other_days as bigint) as other_days,
    clock.as_of,
    clock.known_at
from deals
inner join days on deals.deal_id = days.deal_id
cross join clock
