-- What the scorecard shows of the time that sales takes to answer, and what it promised.
with response_times as (
    select * from {{ source('statistics', 'response_time') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
)

-- What sales promised of each handoff holds for every slice of them.
select
    response_times.metric,
    response_times.month,
    response_times.segment,
    response_times.slice_kind,
    response_times.slice,
    response_times.n,
    response_times.value,
    response_times.low,
    response_times.high,
    response_times.status,
    case
        when
            response_times.metric in (
                'response_time', 'response_time.p50', 'response_time.p90'
            )
            then cast(settings.answer_within_minutes as double) / 60.0e0
    end as target
from response_times
cross join settings
