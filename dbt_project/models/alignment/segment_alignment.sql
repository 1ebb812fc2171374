-- Do both teams aim at the same segments: each pair of measures, with what chance makes of it.
with alignments as (
    select * from {{ source('statistics', 'segment_alignment') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
)

select
    alignments.month,
    alignments.measure,
    alignments.compared_with,
    alignments.n,
    alignments.n_compared,
    alignments.divergence,
    alignments.by_chance,
    alignments.value,
    alignments.low,
    alignments.high,
    alignments.p_value,
    alignments.status,
    clock.agreement_version,
    clock.as_of,
    clock.known_at
from alignments
cross join clock
