select
    cast(null as string) as excluded_key,
    cast(null as string) as entity,
    cast(null as string) as source,
    cast(null as string) as stream,
    cast(null as string) as source_record_id,
    cast(null as string) as reason,
    cast(null as string) as detail,
    cast(null as boolean) as is_deleted,
    cast(null as timestamp) as loaded_at,
    cast(null as string) as run_id
where 1 = 0
