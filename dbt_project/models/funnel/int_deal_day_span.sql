-- The deals that were open at the end of a day, in spans of days: in which stage, for how much,
-- and whose.
{%- set forever = "cast('9999-12-31' as date)" %}
with deals as (
    select * from {{ ref('int_deal') }}
    where not is_undated_close
),

records as (
    select * from {{ ref('input_deals') }}
),

events as (
    select * from {{ ref('int_deal_event') }}
    where counts
),

amounts as (
    select * from {{ ref('fct_deal_amount') }}
),

owner_changes as (
    select * from {{ ref('input_owner_changes') }}
    where subject_kind = 'deal' and not is_deleted
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- Of a deal that nothing dates no more is known than that it is there at as_of.
started as (
    select
        deals.deal_id,
        {{ local_date('coalesce(deals.started_at, clock.as_of)', 'settings.time_zone') }}
            as started_on
    from deals
    cross join clock
    cross join settings
),

stages as (
    select
        deal_id,
        started_on as day,
        cast(0 as bigint) as place,
        cast(null as string) as stage
    from started
    union all
    select
        started.deal_id,
        greatest(
            {{ local_date('events.occurred_at', 'settings.time_zone') }}, started.started_on
        ) as day,
        cast(events.place as bigint) as place,
        events.stage
    from started
    inner join events on started.deal_id = events.deal_id
    cross join settings
),

worths as (
    select
        deal_id,
        started_on as day,
        cast(0 as bigint) as place,
        cast(null as decimal(18, 2)) as amount_reporting
    from started
    union all
    select
        started.deal_id,
        greatest(
            coalesce(
                {{ local_date('amounts.valid_from', 'settings.time_zone') }}, started.started_on
            ),
            started.started_on
        ) as day,
        amounts.amount_seq as place,
        amounts.amount_reporting
    from started
    inner join amounts on started.deal_id = amounts.deal_id
    cross join settings
),

owners as (
    select
        started.deal_id,
        started.started_on as day,
        cast(0 as bigint) as place,
        records.owner_key as owner_id
    from started
    inner join records on started.deal_id = records.deal_key
    union all
    select
        started.deal_id,
        greatest(
            {{ local_date('owner_changes.changed_at', 'settings.time_zone') }}, started.started_on
        ) as day,
        row_number() over (
            partition by started.deal_id
            order by
                owner_changes.changed_at asc nulls last,
                owner_changes.owner_change_key asc nulls last
        ) as place,
        owner_changes.owner_key as owner_id
    from started
    inner join owner_changes on started.deal_id = owner_changes.deal_key
    cross join clock
    cross join settings
    where owner_changes.changed_at <= clock.as_of
),

{% for told, value in [
    ("stages", "stage"), ("worths", "amount_reporting"), ("owners", "owner_id"),
] %}
    last_{{ told }} as (
        select
            deal_id,
            day,
            {{ value }},
            row_number() over (
                partition by deal_id, day order by place desc nulls last
            ) as place_from_end
        from {{ told }}
    ),

    {{ told }}_by_day as (
        select
            deal_id,
            day as from_day,
            coalesce(
                lead(day) over (partition by deal_id order by day asc nulls last), {{ forever }}
            ) as to_day,
            {{ value }}
        from last_{{ told }}
        where place_from_end = 1
    ),
{% endfor %}

-- Spans meet where each begins before the other ends.
met as (
    select
        stages_by_day.deal_id,
        stages_by_day.stage,
        worths_by_day.amount_reporting,
        owners_by_day.owner_id,
        greatest(stages_by_day.from_day, worths_by_day.from_day, owners_by_day.from_day)
            as from_day,
        least(stages_by_day.to_day, worths_by_day.to_day, owners_by_day.to_day) as to_day
    from stages_by_day
    inner join worths_by_day on stages_by_day.deal_id = worths_by_day.deal_id
    inner join owners_by_day on stages_by_day.deal_id = owners_by_day.deal_id
    where stages_by_day.stage is null or not {{ closes('stages_by_day.stage') }}
)

select
    deal_id,
    from_day,
    to_day,
    stage,
    amount_reporting,
    owner_id
from met
where from_day < to_day
