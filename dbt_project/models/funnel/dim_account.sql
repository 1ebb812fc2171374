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

segments as (
    select * from {{ source('agreement', 'segments') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- The record of which the account is made speaks first.
ranked as (
    select
        account_links.account_id,
        accounts.account_key,
        accounts.name,
        accounts.domain,
        accounts.industry,
        accounts.employees,
        accounts.country,
        parents.account_id as parent_account_id,
        accounts.created_at,
        accounts.source,
        accounts.source_record_id,
        accounts.is_deleted,
        row_number() over (
            partition by account_links.account_id
            order by
                case
                    when accounts.account_key = account_links.account_id then 0 else 1
                end asc nulls last,
                case when accounts.is_deleted then 1 else 0 end asc nulls last,
                accounts.created_at asc nulls last,
                accounts.account_key asc nulls last
        ) as record_rank
    from accounts
    inner join account_links on accounts.account_key = account_links.account_key
    left join account_links as parents on accounts.parent_key = parents.account_key
),

firsts as (
    select
        account_id,
        count(*) as n_records,
        min(created_at) as created_at,
        min(case when is_deleted then 1 else 0 end) as is_gone,
        {% for field in told %}
            min(case when {{ field }} is not null then record_rank end) as {{ field }}_rank,
        {% endfor %}
        min(case when parent_account_id <> account_id then record_rank end) as parent_rank
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
        max(
            case when ranked.record_rank = firsts.parent_rank then ranked.parent_account_id end
        ) as parent_account_id,
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
        parent_account_id,
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
        cast(null as string) as parent_account_id,
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
    all_accounts.parent_account_id,
    all_accounts.created_at,
    all_accounts.n_records,
    all_accounts.source,
    all_accounts.source_record_id,
    all_accounts.is_deleted
from all_accounts
cross join settings
left join segments
    on
        settings.segment_by = 'account.employees'
        and all_accounts.employees >= segments.low
        and (segments.high is null or all_accounts.employees < segments.high)
