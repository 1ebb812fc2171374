select
    cast(null as string) as handoff_id,
    cast(null as string) as journey_id,
    cast(null as bigint) as handoff_seq,
    cast(null as timestamp) as handed_at,
    cast(null as timestamp) as assigned_at,
    cast(null as timestamp) as first_attempt_at,
    cast(null as timestamp) as two_way_at,
    cast(null as timestamp) as decided_at,
    cast(null as string) as decision,
    cast(null as string) as reason,
    cast(null as bigint) as attempts,
    cast(null as string) as owner_id
where 1 = 0
