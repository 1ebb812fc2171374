with prospects as (
    select * from {{ ref('dim_prospect') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

free_mail_domains as (
    select * from {{ source('agreement', 'free_mail_domains') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

with_mail as (
    select
        prospects.prospect_id,
        prospects.account_id,
        prospects.full_name,
        prospects.company_name,
        prospects.country,
        prospects.phone,
        split_part(prospects.email, '@', 1) as mailbox,
        {{ email_domain('prospects.email') }} as domain
    from prospects
    cross join settings
    where settings.suggest_at_least is not null and not prospects.is_deleted
)

select
    with_mail.prospect_id,
    {{ compose('with_mail.full_name') }} as name,
    {{ compose('coalesce(accounts.name, with_mail.company_name)') }} as company,
    {{ compose('with_mail.country') }} as country,
    with_mail.mailbox,
    case when free_mail_domains.domain is null then with_mail.domain end as domain,
    with_mail.phone
from with_mail
left join accounts
    on with_mail.account_id = accounts.account_id and accounts.origin = 'record'
left join free_mail_domains on with_mail.domain = free_mail_domains.domain
