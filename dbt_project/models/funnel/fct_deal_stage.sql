select
    cast(null as string) as deal_stage_id,
    cast(null as string) as deal_id,
    cast(null as string) as stage,
    cast(null as timestamp) as entered_at,
    cast(null as timestamp) as exited_at,
    cast(null as bigint) as entry_seq,
    cast(null as boolean) as is_reopening,
    cast(null as boolean) as counts,
    cast(null as string) as evidence,
    cast(null as string) as source,
    cast(null as string) as source_record_id
where 1 = 0
