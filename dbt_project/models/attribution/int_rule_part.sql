-- What each touch earns by the models that go by its place or age, in parts of its conversion.
with path_touches as (
    select * from {{ ref('int_path_touch') }}
),

conversions as (
    select * from {{ ref('int_conversion') }}
),

roles as (
    select * from {{ ref('int_path_role') }}
),

weights as (
    select * from {{ source('agreement', 'position_weights') }}
),

direct_channels as (
    select * from {{ source('agreement', 'direct_channels') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

last_places as (
    select
        path_touches.conversion_id,
        max(path_touches.place) as last_place,
        max(case when direct_channels.channel is null then path_touches.place end)
            as last_non_direct_place
    from path_touches
    left join direct_channels on lower(path_touches.channel) = lower(direct_channels.channel)
    group by path_touches.conversion_id
),

-- A touch with several roles earns what all of them do.
of_roles as (
    select
        weights.model,
        roles.conversion_id,
        roles.touch_id,
        sum(weights.weight) as weight
    from roles
    inner join conversions on roles.conversion_id = conversions.conversion_id
    inner join weights
        on conversions.conversion = weights.conversion and roles.role = weights.role
    group by weights.model, roles.conversion_id, roles.touch_id
),

weighed_paths as (
    select
        of_roles.model,
        of_roles.conversion_id,
        path_touches.touches - count(*) as in_the_middle
    from of_roles
    inner join path_touches
        on of_roles.conversion_id = path_touches.conversion_id and path_touches.place = 1
    group by of_roles.model, of_roles.conversion_id, path_touches.touches
),

-- Those without a role share the middle's weight: in whole parts of a weight times their number.
of_places as (
    select
        weighed_paths.model,
        path_touches.conversion_id,
        path_touches.touch_id,
        case
            when of_roles.touch_id is null then coalesce(weights.weight, 0)
            when weighed_paths.in_the_middle = 0 then of_roles.weight
            else of_roles.weight * weighed_paths.in_the_middle
        end as part
    from path_touches
    inner join weighed_paths on path_touches.conversion_id = weighed_paths.conversion_id
    inner join conversions on path_touches.conversion_id = conversions.conversion_id
    left join weights
        on
            weighed_paths.model = weights.model
            and conversions.conversion = weights.conversion
            and weights.role = 'middle'
    left join of_roles
        on
            weighed_paths.model = of_roles.model
            and path_touches.conversion_id = of_roles.conversion_id
            and path_touches.touch_id = of_roles.touch_id
),

last_touches as (
    select
        conversion_id,
        occurred_at as last_at
    from path_touches
    where place = touches
),

-- Beside the youngest, so that the age of the whole path changes nothing.
ages as (
    select
        path_touches.conversion_id,
        path_touches.touch_id,
        {{ seconds_between('path_touches.occurred_at', 'last_touches.last_at') }} as seconds_older
    from path_touches
    inner join last_touches on path_touches.conversion_id = last_touches.conversion_id
),

of_ages as (
    select
        ages.conversion_id,
        ages.touch_id,
        floor(
            1000000000000000
            * power(
                cast(2 as double),
                -cast(ages.seconds_older as double) / 86400 / settings.half_life_days
            )
        ) as part
    from ages
    cross join settings
),

parts as (
    select
        'last_non_direct' as model,
        path_touches.conversion_id,
        path_touches.touch_id,
        cast(1 as decimal(38, 0)) as part
    from path_touches
    inner join last_places
        on
            path_touches.conversion_id = last_places.conversion_id
            and path_touches.place
            = coalesce(last_places.last_non_direct_place, last_places.last_place)
    union all
    select
        model,
        conversion_id,
        touch_id,
        cast(part as decimal(38, 0)) as part
    from of_places
    union all
    select
        'time_decay' as model,
        conversion_id,
        touch_id,
        cast(part as decimal(38, 0)) as part
    from of_ages
)

select
    model,
    conversion_id,
    touch_id,
    cast(part as double) as part,
    cast(sum(part) over (partition by model, conversion_id) as double) as parts
from parts
