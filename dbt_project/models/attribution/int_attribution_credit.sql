-- What each touch of a path earns by each model: whole parts, then shares of one to twelve digits.
with path_touches as (
    select * from {{ ref('int_path_touch') }}
),

-- A model says how many parts each touch has; they need not add up to anything.
weighed as (
    select
        'first' as model,
        conversion_id,
        touch_id,
        case when place = 1 then 1 else 0 end as parts
    from path_touches
    union all
    select
        'last' as model,
        conversion_id,
        touch_id,
        case when place = touches then 1 else 0 end as parts
    from path_touches
    union all
    select
        'linear' as model,
        conversion_id,
        touch_id,
        1 as parts
    from path_touches
),

totalled as (
    select
        model,
        conversion_id,
        touch_id,
        cast(parts as bigint) * 1000000000000 as scaled,
        cast(sum(parts) over (partition by model, conversion_id) as bigint) as total
    from weighed
),

divided as (
    select
        model,
        conversion_id,
        touch_id,
        cast({{ whole_quotient('scaled', 'total') }} as bigint) as units,
        mod(scaled, total) as remainder
    from totalled
    where scaled > 0
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
