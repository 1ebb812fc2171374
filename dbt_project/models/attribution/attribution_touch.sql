-- What each touch earned, in credit and money; a conversion without a touch earns for nobody.
with conversions as (
    select * from {{ ref('int_conversion') }}
),

path_touches as (
    select * from {{ ref('int_path_touch') }}
),

credits as (
    select * from {{ ref('int_attribution_credit') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

models as (
    {{ attribution_models() }}
),

earned as (
    select
        credits.model,
        credits.conversion_id,
        credits.touch_id,
        path_touches.channel,
        path_touches.campaign_id,
        path_touches.content,
        path_touches.occurred_at as touched_at,
        credits.credit
    from credits
    inner join path_touches
        on
            credits.conversion_id = path_touches.conversion_id
            and credits.touch_id = path_touches.touch_id
    union all
    select
        models.model,
        conversions.conversion_id,
        cast(null as string) as touch_id,
        'unattributed' as channel,
        cast(null as string) as campaign_id,
        cast(null as string) as content,
        cast(null as timestamp) as touched_at,
        cast(1 as decimal(18, 12)) as credit
    from conversions
    cross join models
    left join path_touches
        on conversions.conversion_id = path_touches.conversion_id and path_touches.place = 1
    where path_touches.conversion_id is null
),

-- Money is split in cents, or in whole units of a currency that has no smaller ones.
priced as (
    select
        conversions.conversion_id,
        conversions.amount,
        cast(abs(conversions.amount) * cast(100 as decimal(3, 0)) as bigint) as cents,
        case
            when
                {{ has_no_minor_unit('settings.reporting_currency') }}
                and conversions.amount = round(conversions.amount, 0)
                then 100
            else 1
        end as cents_a_unit
    from conversions
    cross join settings
),

in_units as (
    select
        conversion_id,
        case when amount < 0 then -cents_a_unit else cents_a_unit end as signed_unit,
        cast({{ whole_quotient('cents', 'cents_a_unit') }} as bigint) as units
    from priced
),

shared as (
    select
        earned.model,
        earned.conversion_id,
        earned.touch_id,
        earned.channel,
        earned.campaign_id,
        earned.content,
        earned.touched_at,
        earned.credit,
        in_units.signed_unit,
        in_units.units,
        cast(in_units.units as decimal(19, 0)) * earned.credit as share,
        cast(floor(cast(in_units.units as decimal(19, 0)) * earned.credit) as bigint) as whole_share
    from earned
    inner join in_units on earned.conversion_id = in_units.conversion_id
),

-- What is left over goes to the largest remainders.
ranked as (
    select
        model,
        conversion_id,
        touch_id,
        channel,
        campaign_id,
        content,
        touched_at,
        credit,
        signed_unit,
        whole_share,
        units - sum(whole_share) over (partition by model, conversion_id) as units_left,
        row_number() over (
            partition by model, conversion_id
            order by share - whole_share desc nulls last, touch_id asc nulls last
        ) as remainder_rank
    from shared
)

select
    ranked.model,
    conversions.conversion,
    ranked.conversion_id,
    ranked.touch_id,
    ranked.channel,
    ranked.campaign_id,
    ranked.content,
    ranked.credit,
    cast(
        cast(
            ranked.signed_unit
            * (
                ranked.whole_share
                + case when ranked.remainder_rank <= ranked.units_left then 1 else 0 end
            ) as decimal(19, 0)
        )
        * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    ) as amount,
    ranked.touched_at,
    conversions.converted_at,
    conversions.month,
    conversions.segment,
    conversions.journey_id,
    conversions.deal_id
from ranked
inner join conversions on ranked.conversion_id = conversions.conversion_id
