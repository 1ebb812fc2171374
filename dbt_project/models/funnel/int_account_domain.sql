with account_links as (
    select * from {{ ref('int_account_link') }}
),

persons as (
    select * from {{ ref('input_persons') }}
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
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

owners as (
    select
        domain,
        account_id
    from account_links
    where owns_domain
),

domains as (
    select domain from own_domains
    union
    select domain from owners
)

select
    domains.domain,
    coalesce(owners.account_id, {{ key(["'domain'", 'domains.domain']) }}) as account_id,
    owners.account_id is not null as is_of_record
from domains
left join owners on domains.domain = owners.domain
