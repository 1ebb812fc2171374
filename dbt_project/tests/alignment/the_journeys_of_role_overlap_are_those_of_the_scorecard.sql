-- Who did the work is told of the same journeys in both: those of a segment add up over the months.
with scorecard as (
    select * from {{ ref('alignment_scorecard') }}
    where metric = 'role_separation' and slice_kind = 'all' and n > 0
),

overlap as (
    select * from {{ ref('role_overlap') }}
    where person_id = 'all'
),

counted as (
    select
        segment,
        sum(numerator) as different_people,
        sum(denominator - numerator) as same_person
    from scorecard
    group by segment
),

told as (
    select
        segment,
        sum(case when done_by = 'different people' then journeys else 0 end) as different_people,
        sum(case when done_by = 'same person' then journeys else 0 end) as same_person
    from overlap
    group by segment
)

select coalesce(counted.segment, told.segment) as segment
from counted
full outer join told on counted.segment = told.segment
where
    counted.segment is null
    or told.segment is null
    or counted.different_people <> told.different_people
    or counted.same_person <> told.same_person
