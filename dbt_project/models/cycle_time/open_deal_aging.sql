-- The open deals: how long each is in its stage against others, and how likely it is won soon.
with deals as (
    select * from {{ ref('fct_deal') }}
    where outcome = 'open'
),

-- The stage that the deal's journey is in: its one spell that nothing has ended.
spells as (
    select * from {{ ref('int_stage_spell') }}
    where unit = 'calendar' and left_as = 'open' and standing = 'at_risk'
),

durations as (
    select * from {{ ref('stage_duration') }}
    where unit = 'calendar' and slice_kind = 'all' and status <> 'too few'
),

duration_curves as (
    select * from {{ ref('stage_duration_curve') }}
    where unit = 'calendar' and slice_kind = 'all'
),

cycles as (
    select * from {{ ref('int_cycle_journey') }}
    where from_stage = 'opportunity' and started_on is not null and not is_excluded
),

cycle_curves as (
    select * from {{ ref('cycle_time_curve') }}
    where from_stage = 'opportunity' and unit = 'calendar' and cohort = 'all'
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

-- Deals are held against their own segment where it has a curve, else against all.
placed as (
    select
        deals.deal_id,
        spells.journey_id,
        spells.stage,
        spells.segment,
        spells.entered_on,
        spells.exit_day as age_in_stage,
        coalesce(own.segment, everyone.segment) as stage_group,
        coalesce(own.p90, everyone.p90) as p90,
        cast({{ days_between('cycles.started_on', 'cycles.ended_on') }} as integer) as deal_age
    from deals
    left join spells on deals.journey_id = spells.journey_id
    left join durations as own on spells.stage = own.stage and spells.segment = own.segment
    left join durations as everyone
        on spells.stage = everyone.stage and everyone.segment = 'all' and own.stage is null
    left join cycles on deals.journey_id = cycles.journey_id
),

cycle_ends as (
    select
        segment,
        min(starts_at_day) as starts_at_day,
        max(day) as last_day,
        min(survival) as last_survival
    from cycle_curves
    group by segment
),

with_cycle as (
    select
        placed.deal_id,
        placed.deal_age,
        coalesce(own.segment, everyone.segment) as cycle_group,
        coalesce(own.starts_at_day, everyone.starts_at_day) as starts_at_day,
        case
            when coalesce(own.last_survival, everyone.last_survival) > 0
                then coalesce(own.last_day, everyone.last_day)
        end as told_until_day
    from placed
    left join cycle_ends as own on placed.segment = own.segment
    left join cycle_ends as everyone on everyone.segment = 'all' and own.segment is null
),

-- Both curves stand until their next step, and nowhere past the last day that anybody was seen.
stage_shares as (
    select
        placed.deal_id,
        min(case when duration_curves.day <= placed.age_in_stage then duration_curves.survival end)
            as survival,
        min(duration_curves.survival) as last_survival,
        min(duration_curves.starts_at_day) as starts_at_day,
        max(duration_curves.day) as last_day
    from placed
    inner join duration_curves
        on
            placed.stage = duration_curves.stage
            and placed.stage_group = duration_curves.segment
    group by placed.deal_id
),

cycle_shares as (
    select
        with_cycle.deal_id,
        coalesce(
            min(case when cycle_curves.day <= with_cycle.deal_age then cycle_curves.survival end),
            1.0e0
        ) as still_open,
        coalesce(
            max(case when cycle_curves.day <= with_cycle.deal_age then cycle_curves.cif_won end),
            0.0e0
        ) as won_now,
        {%- for days in [30, 90] %}
            coalesce(
                max(
                    case
                        when cycle_curves.day <= with_cycle.deal_age + {{ days }}
                            then cycle_curves.cif_won
                    end
                ),
                0.0e0
            ) as won_{{ days }},
            min(with_cycle.deal_age) + {{ days }} <= min(with_cycle.told_until_day)
            or min(with_cycle.told_until_day) is null as is_told_{{ days }}
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from with_cycle
    inner join cycle_curves on with_cycle.cycle_group = cycle_curves.segment
    where with_cycle.deal_age >= with_cycle.starts_at_day
    group by with_cycle.deal_id
)

select
    placed.deal_id,
    placed.journey_id,
    placed.stage,
    placed.segment,
    placed.entered_on as in_stage_since,
    placed.age_in_stage,
    placed.stage_group as compared_with,
    placed.p90 as stage_p90,
    case
        when placed.age_in_stage < stage_shares.starts_at_day then null
        when placed.age_in_stage <= stage_shares.last_day or stage_shares.last_survival = 0
            then 1.0e0 - coalesce(stage_shares.survival, 1.0e0)
    end as share_gone_by_this_age,
    case
        when placed.p90 is not null then placed.age_in_stage > placed.p90
        when placed.age_in_stage <= stage_shares.last_day then 1 = 0
    end as is_stalled,
    placed.deal_age,
    with_cycle.cycle_group as won_compared_with,
    {%- for days in [30, 90] %}
        case
            when cycle_shares.still_open > 0 and cycle_shares.is_told_{{ days }}
                then least(
                    (cycle_shares.won_{{ days }} - cycle_shares.won_now) / cycle_shares.still_open,
                    1.0e0
                )
        end as won_within_{{ days }},
    {%- endfor %}
    clock.as_of,
    clock.known_at
from placed
inner join with_cycle on placed.deal_id = with_cycle.deal_id
left join stage_shares on placed.deal_id = stage_shares.deal_id
left join cycle_shares on placed.deal_id = cycle_shares.deal_id
cross join clock
