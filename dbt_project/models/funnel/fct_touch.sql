select
    cast(null as string) as touch_id,
    cast(null as string) as journey_id,
    cast(null as string) as prospect_id,
    cast(null as string) as deal_id,
    cast(null as timestamp) as occurred_at,
    cast(null as string) as team,
    cast(null as string) as user_id,
    cast(null as string) as channel,
    cast(null as string) as campaign_id,
    cast(null as string) as kind,
    cast(null as string) as direction,
    cast(null as boolean) as is_two_way,
    cast(null as boolean) as counts,
    cast(null as boolean) as post_close,
    cast(null as boolean) as is_path_of_mql,
    cast(null as string) as source,
    cast(null as string) as source_record_id
where 1 = 0
