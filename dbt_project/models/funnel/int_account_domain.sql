with accounts as (
    select * from {{ ref('input_accounts') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
),

with_domain as (
    select
        account_key,
        {{ registrable_domain('domain') }} as domain,
        created_at,
        is_deleted
    from accounts
    where domain is not null
),

ranked_accounts as (
    select
        with_domain.account_key,
        with_domain.domain,
        row_number() over (
            partition by with_domain.domain
            order by
                case when with_domain.is_deleted then 1 else 0 end asc nulls last,
                with_domain.created_at asc nulls last, with_domain.account_key asc nulls last
        ) as account_rank
    from with_domain
    left join free_mail_domains on with_domain.domain = {{ compose('free_mail_domains.domain') }}
    where free_mail_domains.domain is null
),

mail_domains as (
    select
        email_domain,
        {{ registrable_domain('email_domain') }} as domain
    from persons
    where email_domain is not null
    group by email_domain
),

own_domains as (
    select mail_domains.domain
    from mail_domains
    left join free_mail_domains as free_hosts
        on mail_domains.email_domain = {{ compose('free_hosts.domain') }}
    left join free_mail_domains as free_names
        on mail_domains.domain = {{ compose('free_names.domain') }}
    where free_hosts.domain is null and free_names.domain is null
    group by mail_domains.domain
),

domains as (
    select domain from own_domains
    union
    select domain from ranked_accounts
)

select
    domains.domain,
    coalesce(ranked_accounts.account_key, {{ key(["'domain'", 'domains.domain']) }}) as account_id,
    ranked_accounts.account_key is not null as is_of_record
from domains
left join ranked_accounts
    on domains.domain = ranked_accounts.domain and ranked_accounts.account_rank = 1
