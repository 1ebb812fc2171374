select
    cast(null as string) as event_id,
    cast(null as string) as journey_id,
    cast(null as string) as event,
    cast(null as string) as stage,
    cast(null as timestamp) as occurred_at,
    cast(null as timestamp) as exited_at,
    cast(null as bigint) as entry_seq,
    cast(null as boolean) as is_regression,
    cast(null as bigint) as n_skipped,
    cast(null as string) as team,
    cast(null as string) as evidence,
    cast(null as boolean) as counts,
    cast(null as boolean) as is_of_deal,
    cast(null as string) as reason,
    cast(null as string) as source,
    cast(null as string) as source_record_id
where 1 = 0
