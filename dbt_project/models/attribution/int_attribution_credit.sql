-- What each touch of a path earns by each model, to twelve digits.
with path_touches as (
    select * from {{ ref('int_path_touch') }}
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

divided as (
    select
        model,
        conversion_id,
        touch_id,
        cast({{ whole_quotient('1000000000000', 'one_of') }} as bigint) as units,
        cast(mod(1000000000000, one_of) as double) / cast(one_of as double) as remainder
    from weighed
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
