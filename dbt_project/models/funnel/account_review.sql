with accounts as (
    select * from {{ ref('input_accounts') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
),

pointers as (
    select * from {{ ref('int_account_pointer') }}
),

parents as (
    select * from {{ ref('int_account_parent') }}
),

deals as (
    select * from {{ ref('input_deals') }}
    where not is_deleted
),

deal_accounts as (
    select * from {{ ref('input_deal_accounts') }}
    where not is_deleted
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

circles_of_parents as (
    select
        'circle_of_parents' as finding,
        account_key,
        cast(null as string) as shared_value,
        circle_size as n_records
    from parents
    where is_cut
),

several_parents as (
    select
        'several_parents' as finding,
        account_key,
        cast(null as string) as shared_value,
        n_parents as n_records
    from parents
    where n_parents > 1
),

circles_of_links as (
    select
        'circle_of_merges' as finding,
        account_key,
        cast(null as string) as shared_value,
        circle_size as n_records
    from pointers
    where is_cut
),

shared_ids as (
    select
        'shared_by_too_many' as finding,
        min(accounts.account_key) as account_key,
        accounts.external_id as shared_value,
        count(*) as n_records
    from accounts
    cross join settings
    where accounts.external_id is not null
    group by accounts.external_id, settings.max_group_size
    having count(*) > settings.max_group_size
),

named as (
    select
        deal_key,
        account_key
    from deal_accounts
    union
    select
        deal_key,
        account_key
    from deals
    where account_key is not null
),

never_loaded as (
    select
        'never_loaded' as finding,
        named.account_key,
        cast(null as string) as shared_value,
        count(*) as n_records
    from named
    left join accounts on named.account_key = accounts.account_key
    where accounts.account_key is null
    group by named.account_key
),

findings as (
    {% for found in [
        'circles_of_parents', 'several_parents', 'circles_of_links', 'shared_ids', 'never_loaded',
    ] %}
        select
            finding,
            account_key,
            shared_value,
            n_records
        from {{ found }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    {{ key(['findings.finding', 'findings.account_key', 'findings.shared_value']) }} as review_id,
    findings.finding,
    findings.account_key,
    account_links.account_id,
    findings.shared_value,
    findings.n_records,
    accounts.source,
    accounts.source_record_id
from findings
left join account_links on findings.account_key = account_links.account_key
left join accounts on findings.account_key = accounts.account_key
