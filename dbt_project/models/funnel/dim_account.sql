{%- set told = ['name', 'domain', 'industry', 'employees', 'country'] -%}
with accounts as (
    select * from {{ ref('input_accounts') }}
),

account_links as (
    select * from {{ ref('int_account_link') }}
),

account_domains as (
    select * from {{ ref('int_account_domain') }}
),

parents as (
    select * from {{ ref('int_account_parent') }}
    where not is_cut
),

tops as (
    select * from {{ ref('int_account_top') }}
),

segments as (
    select * from {{ source('agreement', 'segments') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

ranked as (
    select
        account_links.account_id,
        account_links.record_rank,
        accounts.name,
        accounts.domain,
        accounts.industry,
        accounts.employees,
        accounts.country,
        accounts.created_at,
        accounts.source,
        accounts.source_record_id,
        accounts.is_deleted
    from accounts
    inner join account_links on accounts.account_key = account_links.account_key
),

firsts as (
    select
        account_id,
        {% for field in told %}
            min(case when {{ field }} is not null then record_rank end) as {{ field }}_rank,
        {% endfor %}
        count(*) as n_records,
        min(created_at) as created_at,
        min(case when is_deleted then 1 else 0 end) as is_gone
    from ranked
    group by account_id
),

of_record as (
    select
        firsts.account_id,
        firsts.n_records,
        firsts.created_at,
        firsts.is_gone = 1 as is_deleted,
        {% for field in told %}
            max(
                case when ranked.record_rank = firsts.{{ field }}_rank then ranked.{{ field }} end
            ) as {{ field }},
        {% endfor %}
        max(case when ranked.record_rank = 1 then ranked.source end) as source,
        max(case when ranked.record_rank = 1 then ranked.source_record_id end) as source_record_id
    from firsts
    inner join ranked on firsts.account_id = ranked.account_id
    group by firsts.account_id, firsts.n_records, firsts.created_at, firsts.is_gone
),

all_accounts as (
    select
        account_id,
        'record' as origin,
        name,
        domain,
        industry,
        employees,
        country,
        created_at,
        n_records,
        source,
        source_record_id,
        is_deleted
    from of_record
    union all
    select
        account_id,
        'domain' as origin,
        domain as name,
        domain,
        cast(null as string) as industry,
        cast(null as bigint) as employees,
        cast(null as string) as country,
        cast(null as timestamp) as created_at,
        cast(0 as bigint) as n_records,
        cast(null as string) as source,
        cast(null as string) as source_record_id,
        1 = 0 as is_deleted
    from account_domains
    where not is_of_record
)

select
    all_accounts.account_id,
    all_accounts.origin,
    all_accounts.name,
    all_accounts.domain,
    all_accounts.industry,
    all_accounts.employees,
    all_accounts.country,
    case
        when settings.segment_by is null then 'all'
        else coalesce(
            case settings.segment_by
                when 'account.employees' then segments.segment
                when 'account.industry' then all_accounts.industry
                when 'account.country' then all_accounts.country
            end,
            'unknown'
        )
    end as segment,
    parents.parent_account_id,
    coalesce(tops.top_account_id, all_accounts.account_id) as top_account_id,
    coalesce(tops.depth, 0) as depth,
    all_accounts.created_at,
    all_accounts.n_records,
    all_accounts.source,
    all_accounts.source_record_id,
    all_accounts.is_deleted
from all_accounts
cross join settings
left join parents on all_accounts.account_id = parents.account_id
left join tops on all_accounts.account_id = tops.account_id
left join segments
    on
        settings.segment_by = 'account.employees'
        and all_accounts.employees >= segments.low
        and (segments.high is null or all_accounts.employees < segments.high)
