-- Every campaign that a source keeps, and every one that its records name though it keeps none.
with records as (
    select * from {{ ref('int_campaigns_checked') }}
    where fault_reason is null
),

touches as (
    select * from {{ ref('int_touches_checked') }}
    where campaign_key is not null and fault_reason is null and not is_deleted
),

spend as (
    select * from {{ ref('int_spend_checked') }}
    where campaign_key is not null and fault_reason is null and not is_deleted
),

persons as (
    select * from {{ ref('int_persons_checked') }}
    where campaign_key is not null and fault_reason is null and not is_deleted
),

deals as (
    select * from {{ ref('int_deals_checked') }}
    where campaign_key is not null and fault_reason is null and not is_deleted
),

named as (
    select
        campaign_key,
        source,
        campaign,
        1 as touches,
        0 as spend_lines,
        loaded_at,
        run_id
    from touches
    union all
    select
        campaign_key,
        source,
        campaign,
        0 as touches,
        1 as spend_lines,
        loaded_at,
        run_id
    from spend
    union all
    select
        campaign_key,
        source,
        campaign,
        0 as touches,
        0 as spend_lines,
        loaded_at,
        run_id
    from persons
    union all
    select
        campaign_key,
        source,
        campaign,
        0 as touches,
        0 as spend_lines,
        loaded_at,
        run_id
    from deals
),

counted as (
    select
        campaign_key,
        source,
        campaign,
        sum(touches) as touches,
        sum(spend_lines) as spend_lines,
        max(loaded_at) as loaded_at,
        max(run_id) as run_id
    from named
    group by campaign_key, source, campaign
),

final as (
    select
        records.campaign_key,
        records.source,
        records.record_id,
        records.source_record_id,
        1 = 1 as is_record,
        records.name,
        records.utm,
        records.channel,
        records.starts_on,
        records.ends_on,
        records.is_deleted,
        coalesce(counted.touches, 0) as touches,
        coalesce(counted.spend_lines, 0) as spend_lines,
        records.loaded_at,
        records.run_id
    from records
    left join counted on records.campaign_key = counted.campaign_key
    union all
    select
        counted.campaign_key,
        counted.source,
        counted.campaign as record_id,
        counted.campaign as source_record_id,
        1 = 0 as is_record,
        cast(null as string) as name,
        cast(null as string) as utm,
        cast(null as string) as channel,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on,
        1 = 0 as is_deleted,
        counted.touches,
        counted.spend_lines,
        counted.loaded_at,
        counted.run_id
    from counted
    left join records on counted.campaign_key = records.campaign_key
    where records.campaign_key is null
)

select
    campaign_key,
    source,
    record_id,
    source_record_id,
    is_record,
    name,
    utm,
    channel,
    starts_on,
    ends_on,
    is_deleted,
    cast(touches as bigint) as touches,
    cast(spend_lines as bigint) as spend_lines,
    loaded_at,
    run_id
from final
