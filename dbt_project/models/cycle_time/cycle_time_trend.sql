-- Is the cycle getting shorter: each month's cohort against that of the same month a year before.
with trends as (
    select * from {{ source('statistics', 'cycle_time_trend') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    trends.curve,
    trends.segment,
    trends.cohort,
    trends.cohort_before,
    trends.horizon_days,
    trends.n,
    trends.n_before,
    trends.share_won,
    trends.share_won_before,
    trends.p50,
    trends.p50_before,
    trends.difference,
    trends.low,
    trends.high,
    trends.p_value,
    trends.adjusted_p_value,
    trends.share_and_speed_p_value,
    trends.status,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from trends
cross join clock
