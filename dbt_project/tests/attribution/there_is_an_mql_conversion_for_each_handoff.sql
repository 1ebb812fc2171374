-- Marketing is credited for exactly what it handed over: no more conversions, no fewer.
with handoffs as (
    select * from {{ ref('fct_handoff') }}
),

conversions as (
    select * from {{ ref('int_conversion') }}
    where conversion = 'mql'
)

select
    handoffs.handoff_id,
    conversions.conversion_id
from handoffs
full outer join conversions on handoffs.handoff_id = conversions.conversion_id
where handoffs.handoff_id is null or conversions.conversion_id is null
