with persons as (
    select * from {{ ref('input_persons') }}
),

accounts as (
    select * from {{ ref('input_accounts') }}
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
    coalesce(accounts.account_key, account_domains.account_id) as account_id,
    case
        when accounts.account_key is not null then 'record'
        when account_domains.account_id is not null then 'domain'
    end as account_by
from with_domain
left join accounts on with_domain.account_key = accounts.account_key
left join account_domains on with_domain.domain = account_domains.domain
