-- What the measures of who brought a deal count: deals, each in the month of its milestone.
with sourced as (
    select * from {{ ref('int_sourced_deal') }}
),

deals as (
    select * from {{ ref('fct_deal') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

milestones as (
    select
        deal_id,
        '' as suffix,
        opportunity_at as reached_at,
        is_opportunity_influenced as is_influenced
    from sourced
    where opportunity_at is not null
    union all
    select
        deal_id,
        '.won' as suffix,
        won_at as reached_at,
        is_won_influenced as is_influenced
    from sourced
    where won_at is not null
),

told as (
    {% for definition in ['recorded', 'first_touch', 'before_sales'] %}
        select
            'sourced.{{ definition }}' || milestones.suffix as metric,
            milestones.deal_id,
            milestones.reached_at,
            sourced.{{ definition }} = 'marketing' as in_numerator
        from milestones
        inner join sourced on milestones.deal_id = sourced.deal_id
        where sourced.{{ definition }} is not null
        union all
    {% endfor %}
    -- Before sales or not is told of every deal.
    {% for definition in ['recorded', 'first_touch'] %}
        select
            'sourced.{{ definition }}' || milestones.suffix || '.unknown' as metric,
            milestones.deal_id,
            milestones.reached_at,
            sourced.{{ definition }} is null as in_numerator
        from milestones
        inner join sourced on milestones.deal_id = sourced.deal_id
        union all
    {% endfor %}
    select
        'sourced.disagreement' || milestones.suffix as metric,
        milestones.deal_id,
        milestones.reached_at,
        sourced.is_disagreed as in_numerator
    from milestones
    inner join sourced on milestones.deal_id = sourced.deal_id
    where sourced.is_comparable
    union all
    select
        'influenced' || suffix as metric,
        deal_id,
        reached_at,
        is_influenced as in_numerator
    from milestones
)

select
    told.metric,
    told.deal_id as event_id,
    {{ local_month('told.reached_at', 'settings.time_zone') }} as month,
    sourced.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(deals.owner_id, 'unknown') as owner,
    coalesce(sourced.recorded_source, 'unknown') as source,
    sourced.journey_id,
    told.deal_id,
    told.in_numerator
from told
inner join sourced on told.deal_id = sourced.deal_id
inner join deals on told.deal_id = deals.deal_id
cross join settings
left join users
    on
        deals.owner_id = users.user_key
        and (users.valid_from is null or told.reached_at >= users.valid_from)
        and (users.valid_to is null or told.reached_at < users.valid_to)
