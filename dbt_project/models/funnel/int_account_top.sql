with parents as (
    select * from {{ ref('int_account_parent') }}
    where not is_cut
),

pointers as (
    select
        account_id as node,
        parent_account_id as next_node
    from parents
),

{{ chain_ends() }}

select
    node as account_id,
    end_node as top_account_id,
    n_steps as depth
from chain_ends
