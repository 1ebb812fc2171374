select
    cast(null as string) as spend_id,
    cast(null as date) as day,
    cast(null as string) as channel,
    cast(null as string) as campaign_id,
    cast(null as decimal(18, 6)) as amount,
    cast(null as string) as currency,
    cast(null as decimal(18, 2)) as amount_reporting,
    cast(null as string) as source,
    cast(null as string) as source_record_id
where 1 = 0
