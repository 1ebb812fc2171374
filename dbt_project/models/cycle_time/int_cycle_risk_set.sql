-- Who is at risk on each day on which somebody enters or leaves, from where enough are at risk.
with spells as (
    select * from {{ ref('int_cycle_count') }}
    where standing = 'at_risk'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

{{ risk_sets(
    'spells',
    ['curve', 'from_stage', 'unit', 'segment', 'cohort', 'slice_kind', 'slice'],
    {
        'won': "outcome = 'won'",
        'lost': "outcome = 'lost'",
        'disqualified': "outcome = 'disqualified'",
        'censored': "outcome = 'open'",
    },
    times='spells'
) }}

select
    curve,
    from_stage,
    unit,
    segment,
    cohort,
    slice_kind,
    slice,
    starts_at_day,
    day,
    entered,
    at_risk,
    won,
    lost,
    disqualified,
    censored
from risk_sets
