-- Between which shares and amounts each channel lies, over the models that give it least and most.
with credits as (
    select * from {{ ref('int_channel_credit') }}
),

in_order as (
    select
        conversion,
        channel,
        model,
        share,
        amount,
        row_number() over (
            partition by conversion, channel order by share asc nulls last, model asc nulls last
        ) as from_least,
        row_number() over (
            partition by conversion, channel order by share desc nulls last, model asc nulls last
        ) as from_most,
        row_number() over (
            partition by conversion, channel order by amount asc nulls last, model asc nulls last
        ) as from_least_amount,
        row_number() over (
            partition by conversion, channel order by amount desc nulls last, model asc nulls last
        ) as from_most_amount
    from credits
),

final as (
    select
        conversion,
        channel,
        max(case when from_least = 1 then share end) as least_share,
        max(case when from_least = 1 then model end) as least_model,
        max(case when from_most = 1 then share end) as most_share,
        max(case when from_most = 1 then model end) as most_model,
        max(case when from_least_amount = 1 then amount end) as least_amount,
        max(case when from_least_amount = 1 and amount is not null then model end)
            as least_amount_model,
        max(case when from_most_amount = 1 then amount end) as most_amount,
        max(case when from_most_amount = 1 and amount is not null then model end)
            as most_amount_model
    from in_order
    group by conversion, channel
)

select
    conversion,
    channel,
    least_share,
    least_model,
    most_share,
    most_model,
    most_share - least_share as share_range,
    least_amount,
    least_amount_model,
    most_amount,
    most_amount_model,
    cast(most_amount - least_amount as decimal(18, 2)) as amount_range
from final
