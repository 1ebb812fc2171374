-- Which company record leads to which: first the source's own merges, then the ids that systems
-- share.
with accounts as (
    select * from {{ ref('input_accounts') }}
),

crm_sources as (
    select * from {{ ref('int_crm_source') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

ranked as (
    select
        accounts.account_key,
        accounts.source_record_id,
        accounts.external_id,
        accounts.merged_into_key,
        case when accounts.merged_into_key is null then 0 else 1 end as merged_rank,
        case when accounts.is_deleted then 1 else 0 end as deleted_rank,
        case when crm_sources.source is not null then 0 else 1 end as crm_rank,
        accounts.created_at
    from accounts
    left join crm_sources on accounts.source = crm_sources.source
),

-- Where the survivor was never loaded, the first of those that were merged into it stands for it.
merged as (
    select
        losers.account_key,
        coalesce(
            survivors.account_key,
            first_value(losers.account_key) over (
                partition by losers.merged_into_key
                order by
                    losers.deleted_rank asc nulls last, losers.crm_rank asc nulls last,
                    losers.created_at asc nulls last, losers.account_key asc nulls last
            )
        ) as other_key
    from ranked as losers
    left join ranked as survivors on losers.merged_into_key = survivors.account_key
    where losers.merged_into_key is not null
),

-- The record whose own id it is comes first: the others only carry it.
bearers as (
    select
        account_key,
        first_value(account_key) over (
            partition by external_id
            order by
                case
                    when source_record_id = external_id then 0
                    when
                        length(external_id) = 15
                        and length(source_record_id) = 18
                        and substr(source_record_id, 1, 15) = external_id
                        then 0
                    else 1
                end asc nulls last,
                merged_rank asc nulls last, deleted_rank asc nulls last, crm_rank asc nulls last,
                created_at asc nulls last, account_key asc nulls last
        ) as other_key,
        count(*) over (partition by external_id) as n_records
    from ranked
    where external_id is not null
),

shared_ids as (
    select
        bearers.account_key,
        bearers.other_key
    from bearers
    cross join settings
    where bearers.n_records <= settings.max_group_size
),

told as (
    select
        account_key,
        other_key,
        'merge' as rule
    from merged
    where other_key <> account_key
    union all
    select
        shared_ids.account_key,
        shared_ids.other_key,
        'external_id' as rule
    from shared_ids
    left join merged
        on shared_ids.account_key = merged.account_key and merged.other_key <> merged.account_key
    where shared_ids.other_key <> shared_ids.account_key and merged.account_key is null
),

pointers as (
    select
        account_key as node,
        other_key as next_node
    from told
),

{{ open_chains() }}

select
    told.account_key,
    told.other_key,
    told.rule,
    open_chains.is_cut,
    open_chains.circle_size,
    open_chains.end_node as base_key
from told
inner join open_chains on told.account_key = open_chains.node
