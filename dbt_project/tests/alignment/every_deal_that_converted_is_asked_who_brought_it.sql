-- Each deal that became an opportunity or was won, on a day that is known, is counted once as such.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

events as (
    select * from {{ ref('alignment_event') }}
),

expected as (
    select
        case conversion when 'won' then 'influenced.won' else 'influenced' end as metric,
        deal_id,
        month
    from conversions
    where
        conversion in ('opportunity', 'won')
        and conversion_seq = 1
        and deal_id is not null
        and converted_at is not null
),

told as (
    select
        metric,
        deal_id,
        month
    from events
    where metric in ('influenced', 'influenced.won')
)

select
    coalesce(expected.metric, told.metric) as metric,
    coalesce(expected.deal_id, told.deal_id) as deal_id
from expected
full outer join told
    on
        expected.metric = told.metric
        and expected.deal_id = told.deal_id
        and expected.month = told.month
where expected.deal_id is null or told.deal_id is null
