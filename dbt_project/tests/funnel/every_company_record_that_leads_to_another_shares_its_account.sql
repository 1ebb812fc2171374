-- Where a step is not followed to the account, chain_ends had too few rounds for so long a chain:
-- raise its `rounds`.
with pointers as (
    select * from {{ ref('int_account_pointer') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
)

select
    pointers.account_key,
    pointers.other_key,
    pointers.rule,
    near_end.account_id,
    far_end.account_id as other_account_id
from pointers
inner join account_links as near_end on pointers.account_key = near_end.account_key
inner join account_links as far_end on pointers.other_key = far_end.account_key
left join pointers as onward on pointers.base_key = onward.account_key and not onward.is_cut
where
    near_end.account_id <> far_end.account_id
    or onward.account_key is not null
