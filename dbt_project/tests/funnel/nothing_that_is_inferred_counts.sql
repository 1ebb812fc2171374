-- An implied entry fills fct_funnel alone: it moves nothing, and has neither a duration nor a
-- place in the count.
with events as (
    select * from {{ ref('fct_funnel_event') }}
)

select event_id
from events
where
    (evidence = 'inferred' and (counts or exited_at is not null or entry_seq is not null))
    or (counts and entry_seq is null)
    or exited_at < occurred_at
