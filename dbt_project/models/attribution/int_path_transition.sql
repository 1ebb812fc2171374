-- How often paths step from one channel to the next, to a conversion or to nothing.
with steps as (
    select * from {{ ref('int_path_step') }}
)

select
    conversion,
    from_state,
    to_state,
    cast(count(*) as bigint) as transitions
from steps
group by conversion, from_state, to_state
