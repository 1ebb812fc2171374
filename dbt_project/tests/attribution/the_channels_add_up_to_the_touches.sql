-- Every credit and every cent of a touch is in its channel's row, by model and conversion.
with touches as (
    select * from {{ ref('attribution_touch') }}
),

channels as (
    select * from {{ ref('attribution_channel') }}
),

entries as (
    select
        model,
        conversion,
        credit,
        coalesce(amount, 0) as amount
    from touches
    union all
    select
        model,
        conversion,
        -conversions as credit,
        -coalesce(amount, 0) as amount
    from channels
)

select
    model,
    conversion,
    sum(credit) as credit,
    sum(amount) as amount
from entries
group by model, conversion
having sum(credit) <> 0 or sum(amount) <> 0
