-- Between which shares each channel lies, over the models that give it least and most.
with credits as (
    select * from {{ ref('int_channel_credit') }}
),

in_order as (
    select
        conversion,
        channel,
        model,
        share,
        row_number() over (
            partition by conversion, channel order by share asc nulls last, model asc nulls last
        ) as from_least,
        row_number() over (
            partition by conversion, channel order by share desc nulls last, model asc nulls last
        ) as from_most
    from credits
),

final as (
    select
        conversion,
        channel,
        max(case when from_least = 1 then share end) as least_share,
        max(case when from_least = 1 then model end) as least_model,
        max(case when from_most = 1 then share end) as most_share,
        max(case when from_most = 1 then model end) as most_model
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
    most_share - least_share as share_range
from final
