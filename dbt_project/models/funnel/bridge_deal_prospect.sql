select
    cast(null as string) as deal_id,
    cast(null as string) as prospect_id,
    cast(null as string) as journey_id,
    cast(null as string) as role,
    cast(null as boolean) as is_primary
where 1 = 0
