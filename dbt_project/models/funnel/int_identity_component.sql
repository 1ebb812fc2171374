with links as (
    select * from {{ ref('int_identity_edge') }}
),

edges as (
    select
        person_key as node_a,
        other_key as node_b
    from links
),

{{ connected_components() }}

select
    node as person_key,
    {{ rule_order('phone') }} as level,
    label as component_key,
    count(*) over (partition by label) as n_records
from labels
