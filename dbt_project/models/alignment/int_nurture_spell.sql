-- The life of each open deal cut into spells with and without work of both teams some days before.
with deals as (
    select * from {{ ref('int_nurture_deal') }}
),

touches as (
    select * from {{ ref('int_deal_touch') }}
    where team in ('marketing', 'sales')
),

lags as (
    select * from {{ source('agreement', 'nurture_lags') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

local_touches as (
    select
        touches.deal_id,
        touches.team,
        {{ local_date('touches.occurred_at', 'settings.time_zone') }} as day
    from touches
    cross join settings
),

touch_days as (
    select
        deals.deal_id,
        local_touches.team,
        {{ days_between('deals.opportunity_on', 'local_touches.day') }} as day
    from deals
    inner join local_touches on deals.deal_id = local_touches.deal_id
    group by deals.deal_id, deals.opportunity_on, local_touches.team, local_touches.day
),

followed as (
    select
        deal_id,
        team,
        day,
        lag(day) over (
            partition by deal_id, team order by day asc nulls last
        ) as day_before
    from touch_days
),

-- A team's touches whose windows meet keep it in touch without a gap.
numbered as (
    select
        followed.deal_id,
        followed.team,
        followed.day,
        sum(
            case
                when followed.day - followed.day_before <= settings.nurture_window_days then 0
                else 1
            end
        ) over (
            partition by followed.deal_id, followed.team
            order by followed.day asc nulls last
            rows between unbounded preceding and current row
        ) as stretch
    from followed
    cross join settings
),

stretches as (
    select
        numbered.deal_id,
        numbered.team,
        min(numbered.day) as from_day,
        max(numbered.day) + max(settings.nurture_window_days) - 1 as to_day
    from numbered
    cross join settings
    group by numbered.deal_id, numbered.team, numbered.stretch
),

by_both as (
    select
        lags.lag_days,
        marketing.deal_id,
        greatest(marketing.from_day, sales.from_day) + lags.lag_days as from_day,
        least(marketing.to_day, sales.to_day) + lags.lag_days as to_day
    from stretches as marketing
    inner join stretches as sales
        on
            marketing.deal_id = sales.deal_id
            and marketing.team = 'marketing'
            and sales.team = 'sales'
            and marketing.from_day <= sales.to_day
            and marketing.to_day >= sales.from_day
    cross join lags
),

joint as (
    select
        by_both.lag_days,
        by_both.deal_id,
        greatest(by_both.from_day, deals.first_day) as from_day,
        least(by_both.to_day, deals.last_day) as to_day
    from by_both
    inner join deals on by_both.deal_id = deals.deal_id
    where by_both.from_day <= deals.last_day and by_both.to_day >= deals.first_day
),

cuts as (
    select
        lags.lag_days,
        deals.deal_id,
        deals.first_day as from_day
    from deals
    cross join lags
    union
    select
        lag_days,
        deal_id,
        from_day
    from joint
    union
    select
        joint.lag_days,
        joint.deal_id,
        joint.to_day + 1 as from_day
    from joint
    inner join deals on joint.deal_id = deals.deal_id
    where joint.to_day < deals.last_day
),

spells as (
    select
        cuts.lag_days,
        cuts.deal_id,
        cuts.from_day,
        coalesce(
            lead(cuts.from_day) over (
                partition by cuts.lag_days, cuts.deal_id
                order by cuts.from_day asc nulls last
            ) - 1,
            deals.last_day
        ) as to_day
    from cuts
    inner join deals on cuts.deal_id = deals.deal_id
)

select
    spells.lag_days,
    spells.deal_id,
    cast(spells.from_day as int) as from_day,
    cast(spells.to_day as int) as to_day,
    joint.deal_id is not null as is_joint,
    case when spells.to_day = deals.last_day then deals.ended_as else 'open' end as ended_as
from spells
inner join deals on spells.deal_id = deals.deal_id
left join joint
    on
        spells.lag_days = joint.lag_days
        and spells.deal_id = joint.deal_id
        and spells.from_day = joint.from_day
