-- What the measures of a common definition count: journeys, each in the month of its qualification.
with qualified as (
    select * from {{ ref('int_qualified_journey') }}
),

journeys as (
    select * from {{ ref('fct_funnel') }}
),

prospects as (
    select * from {{ ref('dim_prospect') }}
),

users as (
    select * from {{ ref('input_users') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

told as (
    select
        'definition_agreement.precision' as metric,
        journey_id,
        owner_id,
        mql_at as qualified_at,
        is_sql as in_numerator
    from qualified
    where is_mql and is_decided
    union all
    select
        'definition_agreement.recall' as metric,
        journey_id,
        owner_id,
        sql_at as qualified_at,
        is_mql_first as in_numerator
    from qualified
    where is_sql
    union all
    -- Of all that either team called qualified and sales has decided on.
    {% for cell, is_in_it in [
        ('definition_agreement', 'is_mql and is_sql'),
        ('definition_agreement.marketing_only', 'is_mql and not is_sql'),
        ('definition_agreement.sales_only', 'is_sql and not is_mql'),
    ] %}
        select
            '{{ cell }}' as metric,
            journey_id,
            owner_id,
            case when sql_at < mql_at or mql_at is null then sql_at else mql_at end as qualified_at,
            {{ is_in_it }} as in_numerator
        from qualified
        where is_decided
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    told.metric,
    told.journey_id as event_id,
    {{ local_month('told.qualified_at', 'settings.time_zone') }} as month,
    journeys.segment,
    coalesce(users.team, 'unknown') as team,
    coalesce(told.owner_id, prospects.owner_id, 'unknown') as owner,
    coalesce(prospects.lead_source, 'unknown') as source,
    told.journey_id,
    told.in_numerator
from told
inner join journeys on told.journey_id = journeys.journey_id
cross join settings
left join prospects on journeys.prospect_id = prospects.prospect_id
left join users
    on
        coalesce(told.owner_id, prospects.owner_id) = users.user_key
        and (users.valid_from is null or told.qualified_at >= users.valid_from)
        and (users.valid_to is null or told.qualified_at < users.valid_to)
