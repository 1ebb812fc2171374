with accounts as (
    select * from {{ ref('input_accounts') }}
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

all_accounts as (
    select
        account_key as account_id,
        'record' as origin,
        name,
        domain,
        industry,
        employees,
        country,
        parent_key as parent_account_id,
        created_at,
        source,
        source_record_id,
        is_deleted
    from accounts
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
