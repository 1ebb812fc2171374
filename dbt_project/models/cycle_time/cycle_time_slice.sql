-- How long it takes by channel and by owner, one row each.
with totals as (
    select * from {{ ref('int_cycle_total') }}
    where slice_kind <> 'all'
)

select
    curve,
    unit,
    from_stage,
    to_stage,
    segment,
    slice_kind,
    slice,
    status,
    p25,
    p50,
    p75,
    p90,
    close_p25,
    close_p50,
    close_p75,
    close_p90,
    restricted_mean,
    naive_mean_closed,
    horizon_days,
    n,
    events,
    won,
    lost,
    disqualified,
    censored,
    share_won,
    share_won_low,
    share_won_high,
    share_lost,
    share_disqualified,
    share_open,
    starts_at_day,
    followed_until_day,
    n_off_curve,
    n_unseen,
    n_unknown_start,
    n_excluded,
    as_of,
    known_at
from totals
