with persons as (
    select * from {{ ref('input_persons') }}
),

depths as (
    select * from {{ ref('int_identity_depth') }}
),

ways as (
    select * from {{ ref('int_identity_way') }}
),

-- Of the records one link nearer to the first, the one that the most trusted rule names.
ranked_ways as (
    select
        ways.person_key,
        ways.rule,
        ways.other_key,
        row_number() over (
            partition by ways.person_key
            order by ways.rule_order asc nulls last, ways.other_key asc nulls last
        ) as way_rank
    from ways
    inner join depths as near_end on ways.person_key = near_end.person_key
    inner join depths as far_end on ways.other_key = far_end.person_key
    where far_end.depth = near_end.depth - 1
)

select
    persons.person_key,
    depths.prospect_id,
    case when depths.depth = 0 then 'own' else ranked_ways.rule end as joined_by,
    ranked_ways.other_key as joined_through_key,
    through.source as through_source,
    through.source_record_id as through_source_record_id,
    depths.depth,
    persons.source,
    persons.stream,
    persons.source_record_id,
    persons.is_deleted
from persons
inner join depths on persons.person_key = depths.person_key
left join ranked_ways
    on persons.person_key = ranked_ways.person_key and ranked_ways.way_rank = 1
left join persons as through on ranked_ways.other_key = through.person_key
