-- How alike each two models rank the channels: Spearman's rho and Kendall's tau-b.
with credits as (
    select * from {{ ref('int_channel_credit') }}
),

-- Twice the rank, so that the mean of equal ones is a whole number too and all sums are exact.
ranked as (
    select
        model,
        conversion,
        channel,
        credit,
        2 * rank() over (
            partition by model, conversion order by credit desc nulls last
        ) + count(*) over (partition by model, conversion, credit) - 1 as twice_rank
    from credits
),

ranked_by_both as (
    select
        ranked.conversion,
        ranked.model,
        others.model as other_model,
        cast(ranked.twice_rank as bigint) as x,
        cast(others.twice_rank as bigint) as y
    from ranked
    inner join ranked as others
        on
            ranked.conversion = others.conversion
            and ranked.channel = others.channel
            and ranked.model < others.model
),

rank_sums as (
    select
        conversion,
        model,
        other_model,
        count(*) as channels,
        count(*) * sum(x * y) - sum(x) * sum(y) as xy,
        count(*) * sum(x * x) - sum(x) * sum(x) as xx,
        count(*) * sum(y * y) - sum(y) * sum(y) as yy
    from ranked_by_both
    group by conversion, model, other_model
),

-- Which of two channels a model puts before the other: 1, -1, or 0 where it tells none apart.
compared as (
    select
        credits.model,
        credits.conversion,
        credits.channel,
        others.channel as other_channel,
        cast(sign(credits.credit - others.credit) as integer) as ahead
    from credits
    inner join credits as others
        on
            credits.model = others.model
            and credits.conversion = others.conversion
            and credits.channel < others.channel
),

pair_sums as (
    select
        compared.conversion,
        compared.model,
        others.model as other_model,
        sum(compared.ahead * others.ahead) as xy,
        sum(abs(compared.ahead)) as xx,
        sum(abs(others.ahead)) as yy
    from compared
    inner join compared as others
        on
            compared.conversion = others.conversion
            and compared.channel = others.channel
            and compared.other_channel = others.other_channel
            and compared.model < others.model
    group by compared.conversion, compared.model, others.model
)

select
    rank_sums.conversion,
    rank_sums.model,
    rank_sums.other_model,
    cast(rank_sums.channels as bigint) as channels,
    cast(rank_sums.xy as double)
    / nullif(sqrt(cast(rank_sums.xx as double) * cast(rank_sums.yy as double)), 0)
        as spearman,
    cast(pair_sums.xy as double)
    / nullif(sqrt(cast(pair_sums.xx as double) * cast(pair_sums.yy as double)), 0)
        as kendall
from rank_sums
left join pair_sums
    on
        rank_sums.conversion = pair_sums.conversion
        and rank_sums.model = pair_sums.model
        and rank_sums.other_model = pair_sums.other_model
