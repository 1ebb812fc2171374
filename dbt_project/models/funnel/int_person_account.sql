with persons as (
    select * from {{ ref('input_persons') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
),

account_domains as (
    select * from {{ ref('int_account_domain') }}
),

with_domain as (
    select
        person_key,
        account_key,
        {{ registrable_domain('email_domain') }} as domain
    from persons
)

select
    with_domain.person_key,
    coalesce(account_links.account_id, account_domains.account_id) as account_id,
    case
        when account_links.is_of_crm then 'crm'
        when account_links.account_id is not null then 'record'
        when account_domains.account_id is not null then 'domain'
    end as account_by
from with_domain
left join account_links on with_domain.account_key = account_links.account_key
left join account_domains on with_domain.domain = account_domains.domain
