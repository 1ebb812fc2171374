-- Each person record stands once in the bridge, and nothing else stands there.
with persons as (
    select * from {{ ref('input_persons') }}
),

bridge as (
    select * from {{ ref('bridge_record_prospect') }}
),

records as (
    select
        person_key,
        1 as n_persons,
        0 as n_bridged
    from persons
    union all
    select
        person_key,
        0 as n_persons,
        1 as n_bridged
    from bridge
),

counted as (
    select
        person_key,
        sum(n_persons) as n_persons,
        sum(n_bridged) as n_bridged
    from records
    group by person_key
)

select
    person_key,
    n_persons,
    n_bridged
from counted
where n_persons <> 1 or n_bridged <> 1
