-- What each touch of a path earns by each model, to twelve digits.
with path_touches as (
    select * from {{ ref('int_path_touch') }}
),

conversions as (
    select * from {{ ref('int_conversion') }}
),

rules as (
    select * from {{ ref('int_rule_part') }}
),

effects as (
    select * from {{ source('statistics', 'removal_effect') }}
),

of_channels as (
    select
        conversion_id,
        channel,
        count(*) as touches
    from path_touches
    group by conversion_id, channel
),

of_paths as (
    select
        conversion_id,
        count(*) as channels
    from of_channels
    group by conversion_id
),

-- A model says which part of the conversion is each touch's: one of so many. By Shapley's value
-- each distinct channel of the path has an equal part, and its touches share that.
weighed as (
    select
        'first' as model,
        conversion_id,
        touch_id,
        1 as one_of
    from path_touches
    where place = 1
    union all
    select
        'last' as model,
        conversion_id,
        touch_id,
        1 as one_of
    from path_touches
    where place = touches
    union all
    select
        'linear' as model,
        conversion_id,
        touch_id,
        touches as one_of
    from path_touches
    union all
    select
        'shapley' as model,
        path_touches.conversion_id,
        path_touches.touch_id,
        of_paths.channels * of_channels.touches as one_of
    from path_touches
    inner join of_paths on path_touches.conversion_id = of_paths.conversion_id
    inner join of_channels
        on
            path_touches.conversion_id = of_channels.conversion_id
            and path_touches.channel = of_channels.channel
),

effects_on_paths as (
    select
        of_channels.conversion_id,
        of_channels.channel,
        of_channels.touches,
        coalesce(effects.removal_effect, 0) as effect
    from of_channels
    inner join conversions on of_channels.conversion_id = conversions.conversion_id
    left join effects
        on conversions.conversion = effects.conversion and of_channels.channel = effects.channel
),

largest_effects as (
    select
        conversion_id,
        max(effect) as effect
    from effects_on_paths
    group by conversion_id
),

-- In whole parts of the largest, so that no order of adding them changes a digit.
parts as (
    select
        effects_on_paths.conversion_id,
        effects_on_paths.channel,
        effects_on_paths.touches,
        case
            when largest_effects.effect = 0 then 0
            else
                cast(
                    floor(
                        effects_on_paths.effect / largest_effects.effect * 1000000000000000
                    ) as bigint
                )
        end as part
    from effects_on_paths
    inner join largest_effects on effects_on_paths.conversion_id = largest_effects.conversion_id
),

parts_of_paths as (
    select
        conversion_id,
        sum(part) as parts
    from parts
    group by conversion_id
),

-- By the Markov chain each distinct channel earns its part of their removal effects, and its
-- touches share that. Where none has an effect, all touches earn alike.
of_markov as (
    select
        path_touches.conversion_id,
        path_touches.touch_id,
        case
            when parts_of_paths.parts = 0 then 1000000000000 / cast(path_touches.touches as double)
            else
                1000000000000
                * (cast(parts.part as double) / cast(parts_of_paths.parts as double))
                / cast(parts.touches as double)
        end as share
    from path_touches
    inner join parts
        on
            path_touches.conversion_id = parts.conversion_id
            and path_touches.channel = parts.channel
    inner join parts_of_paths on path_touches.conversion_id = parts_of_paths.conversion_id
    where parts_of_paths.parts = 0 or parts.part > 0
),

of_rules as (
    select
        model,
        conversion_id,
        touch_id,
        1000000000000 * (cast(part as double) / cast(parts as double)) as share
    from rules
),

divided as (
    select
        model,
        conversion_id,
        touch_id,
        cast({{ whole_quotient('1000000000000', 'one_of') }} as bigint) as units,
        cast(mod(1000000000000, one_of) as double) / cast(one_of as double) as remainder
    from weighed
    union all
    select
        'markov' as model,
        conversion_id,
        touch_id,
        cast(floor(share) as bigint) as units,
        share - floor(share) as remainder
    from of_markov
    union all
    select
        model,
        conversion_id,
        touch_id,
        cast(floor(share) as bigint) as units,
        share - floor(share) as remainder
    from of_rules
),

-- What is left over goes to the largest remainders.
ranked as (
    select
        model,
        conversion_id,
        touch_id,
        units,
        1000000000000 - sum(units) over (partition by model, conversion_id) as units_left,
        row_number() over (
            partition by model, conversion_id
            order by remainder desc nulls last, touch_id asc nulls last
        ) as remainder_rank
    from divided
),

credited as (
    select
        model,
        conversion_id,
        touch_id,
        case when remainder_rank <= units_left then units + 1 else units end as units
    from ranked
)

select
    model,
    conversion_id,
    touch_id,
    cast(cast(units as decimal(19, 0)) * cast(0.000000000001 as decimal(12, 12)) as decimal(18, 12))
        as credit
from credited
where units > 0
