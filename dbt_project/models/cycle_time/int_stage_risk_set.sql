-- Who is at risk of leaving a stage on each day, from where enough are: as on the cycle's clocks.
with spells as (
    select * from {{ ref('int_stage_count') }}
    where standing = 'at_risk'
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

{{ risk_sets(
    'spells',
    ['curve_id'],
    {
        'advanced': "left_as = 'advanced'",
        'returned': "left_as = 'returned'",
        'closed': "left_as = 'closed'",
        'censored': "left_as = 'open'",
    },
    times='spells'
) }}

select
    curve_id,
    starts_at_day,
    day,
    at_risk,
    advanced,
    returned,
    closed,
    censored
from risk_sets
