with stages as (
    select * from {{ source('agreement', 'stages') }}
)

select
    stage,
    label,
    stage_order,
    owner,
    is_exit
from stages
