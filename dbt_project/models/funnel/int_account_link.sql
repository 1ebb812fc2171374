with accounts as (
    select * from {{ ref('input_accounts') }}
),

deals as (
    select * from {{ ref('input_deals') }}
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
),

-- The CRM is where the deals are; other systems have companies, too.
crm_sources as (
    select source
    from deals
    group by source
),

free_domains as (
    select {{ compose('domain') }} as domain
    from free_mail_domains
    group by {{ compose('domain') }}
),

with_name as (
    select
        account_key,
        source,
        {{ registrable_domain('domain') }} as domain,
        created_at,
        is_deleted
    from accounts
),

with_domain as (
    select
        with_name.account_key,
        with_name.source,
        case when free_domains.domain is null then with_name.domain end as domain,
        crm_sources.source is not null as is_of_crm,
        with_name.created_at,
        with_name.is_deleted
    from with_name
    left join free_domains on with_name.domain = free_domains.domain
    left join crm_sources on with_name.source = crm_sources.source
),

ranked as (
    select
        account_key,
        source,
        domain,
        row_number() over (
            partition by domain
            order by
                case when is_deleted then 1 else 0 end asc nulls last,
                case when is_of_crm then 0 else 1 end asc nulls last,
                created_at asc nulls last,
                account_key asc nulls last
        ) as domain_rank
    from with_domain
    where domain is not null
),

owners as (
    select
        domain,
        source,
        account_key
    from ranked
    where domain_rank = 1
)

-- Two companies of one system with one domain are two for that system, and stay so.
select
    with_domain.account_key,
    case
        when owners.source <> with_domain.source then owners.account_key
        else with_domain.account_key
    end as account_id,
    with_domain.domain,
    coalesce(owners.account_key = with_domain.account_key, 1 = 0) as owns_domain,
    with_domain.is_of_crm
from with_domain
left join owners on with_domain.domain = owners.domain
