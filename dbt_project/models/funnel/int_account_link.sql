with accounts as (
    select * from {{ ref('input_accounts') }}
),

pointers as (
    select * from {{ ref('int_account_pointer') }}
),

crm_sources as (
    select * from {{ ref('int_crm_source') }}
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
),

free_domains as (
    select {{ compose('domain') }} as domain
    from free_mail_domains
    group by {{ compose('domain') }}
),

with_name as (
    select
        accounts.account_key,
        accounts.source,
        {{ registrable_domain('accounts.domain') }} as domain,
        accounts.created_at,
        accounts.is_deleted,
        coalesce(pointers.base_key, accounts.account_key) as base_key,
        case when not pointers.is_cut then pointers.rule end as rule,
        case when not pointers.is_cut then pointers.other_key end as other_key
    from accounts
    left join pointers on accounts.account_key = pointers.account_key
),

with_domain as (
    select
        with_name.account_key,
        with_name.source,
        case when free_domains.domain is null then with_name.domain end as domain,
        crm_sources.source is not null as is_of_crm,
        with_name.created_at,
        with_name.is_deleted,
        with_name.base_key,
        with_name.rule,
        with_name.other_key
    from with_name
    left join free_domains on with_name.domain = free_domains.domain
    left join crm_sources on with_name.source = crm_sources.source
),

ranked as (
    select
        records.account_key,
        records.base_key,
        bases.source as base_source,
        records.domain,
        row_number() over (
            partition by records.domain
            order by
                case when records.is_deleted then 1 else 0 end asc nulls last,
                case when bases.is_of_crm then 0 else 1 end asc nulls last,
                records.created_at asc nulls last,
                records.account_key asc nulls last
        ) as domain_rank,
        row_number() over (
            partition by records.base_key
            order by
                case when records.account_key = records.base_key then 0 else 1 end asc nulls last,
                case when records.is_deleted then 1 else 0 end asc nulls last,
                records.created_at asc nulls last,
                records.account_key asc nulls last
        ) as base_rank
    from with_domain as records
    inner join with_domain as bases on records.base_key = bases.account_key
    where records.domain is not null
),

owners as (
    select
        domain,
        account_key,
        base_key,
        base_source
    from ranked
    where domain_rank = 1
),

owning_bases as (
    select base_key
    from owners
    group by base_key
),

-- What owns a domain stays where it is, so that no two join one another.
moved as (
    select
        ranked.base_key,
        owners.base_key as account_id,
        owners.account_key as other_key
    from ranked
    inner join owners on ranked.domain = owners.domain
    left join owning_bases on ranked.base_key = owning_bases.base_key
    where
        ranked.base_rank = 1
        and owning_bases.base_key is null
        -- Two companies of one system with one domain are two for that system, and stay so.
        and owners.base_source <> ranked.base_source
),

linked as (
    select
        with_domain.account_key,
        coalesce(moved.account_id, with_domain.base_key) as account_id,
        case
            when with_domain.rule is not null then with_domain.rule
            when moved.account_id is not null then 'domain'
            else 'own'
        end as joined_by,
        coalesce(with_domain.other_key, moved.other_key) as joined_through_key,
        with_domain.domain,
        coalesce(owners.account_key = with_domain.account_key, 1 = 0) as owns_domain,
        with_domain.is_of_crm,
        with_domain.is_deleted,
        with_domain.created_at
    from with_domain
    left join moved on with_domain.base_key = moved.base_key
    left join owners on with_domain.domain = owners.domain
)

-- The record of which the account is made speaks first.
select
    account_key,
    account_id,
    joined_by,
    joined_through_key,
    domain,
    owns_domain,
    is_of_crm,
    cast(
        row_number() over (
            partition by account_id
            order by
                case when account_key = account_id then 0 else 1 end asc nulls last,
                case when is_deleted then 1 else 0 end asc nulls last,
                created_at asc nulls last,
                account_key asc nulls last
        ) as bigint
    ) as record_rank
from linked
