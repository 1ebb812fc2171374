-- Each step leads to a record of the same prospect that is one step nearer, by a link of the rule
-- that is named; the steps end at the record that the prospect's id is made of. So all chains end,
-- and end there.
with bridge as (
    select * from {{ ref('bridge_record_prospect') }}
),

links as (
    select * from {{ ref('int_identity_edge') }}
),

linked as (
    select
        person_key,
        other_key,
        rule
    from links
    union
    select
        other_key as person_key,
        person_key as other_key,
        rule
    from links
)

select
    near_end.person_key,
    near_end.joined_through_key,
    near_end.joined_by,
    near_end.depth
from bridge as near_end
left join bridge as far_end on near_end.joined_through_key = far_end.person_key
left join linked
    on
        near_end.person_key = linked.person_key
        and near_end.joined_through_key = linked.other_key
        and near_end.joined_by = linked.rule
where
    case
        when near_end.depth = 0
            then near_end.prospect_id <> {{ key(["'prospect'", 'near_end.person_key']) }}
        else coalesce(
            near_end.prospect_id <> far_end.prospect_id
            or near_end.depth <> far_end.depth + 1
            or linked.rule is null,
            1 = 1
        )
    end
