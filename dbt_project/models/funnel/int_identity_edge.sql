with keys as (
    select * from {{ ref('int_identity_key') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- What the source itself made one needs no cap; a key that is only shared may be shared by chance.
joining as (
    select
        keys.person_key,
        keys.rule,
        keys.rule_order,
        keys.shared_value
    from keys
    cross join settings
    where
        keys.n_records > 1
        and (keys.rule in ('merge', 'conversion') or keys.n_records <= settings.max_group_size)
),

hubs as (
    select
        rule,
        shared_value,
        coalesce(
            max(case when person_key = shared_value then person_key end), min(person_key)
        ) as hub_key
    from joining
    group by rule, shared_value
)

select
    joining.person_key,
    hubs.hub_key as other_key,
    joining.rule,
    joining.rule_order,
    joining.shared_value
from joining
inner join hubs
    on joining.rule = hubs.rule and joining.shared_value = hubs.shared_value
where joining.person_key <> hubs.hub_key
