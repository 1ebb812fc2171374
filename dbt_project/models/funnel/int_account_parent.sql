-- The parent that the first record with one names: of an account's own records none is a parent.
with accounts as (
    select * from {{ ref('input_accounts') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
),

named as (
    select
        account_links.account_id,
        account_links.account_key,
        parents.account_id as parent_account_id,
        row_number() over (
            partition by account_links.account_id
            order by account_links.record_rank asc nulls last
        ) as parent_rank
    from accounts
    inner join account_links on accounts.account_key = account_links.account_key
    inner join account_links as parents on accounts.parent_key = parents.account_key
    where parents.account_id <> account_links.account_id
),

counted as (
    select
        account_id,
        count(distinct parent_account_id) as n_parents
    from named
    group by account_id
),

firsts as (
    select
        account_id,
        account_key,
        parent_account_id
    from named
    where parent_rank = 1
),

pointers as (
    select
        account_id as node,
        parent_account_id as next_node
    from firsts
),

{{ open_chains() }}

select
    firsts.account_id,
    firsts.account_key,
    firsts.parent_account_id,
    counted.n_parents,
    open_chains.is_cut,
    open_chains.circle_size
from firsts
inner join counted on firsts.account_id = counted.account_id
inner join open_chains on firsts.account_id = open_chains.node
