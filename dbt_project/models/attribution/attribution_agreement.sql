-- How alike each two models rank the channels, by what they give them of the conversions and of the
-- money: Spearman's rho and Kendall's tau-b.
with credits as (
    select * from {{ ref('int_channel_credit') }}
),

given as (
    select
        'conversions' as measure,
        model,
        conversion,
        channel,
        credit as part
    from credits
    union all
    select
        'amount' as measure,
        model,
        conversion,
        channel,
        amount as part
    from credits
    where amount is not null
),

-- Twice the rank, so that the mean of equal ones is a whole number too and all sums are exact.
ranked as (
    select
        measure,
        model,
        conversion,
        channel,
        2 * rank() over (
            partition by measure, model, conversion order by part desc nulls last
        ) + count(*) over (partition by measure, model, conversion, part) - 1 as twice_rank
    from given
),

ranked_by_both as (
    select
        ranked.measure,
        ranked.conversion,
        ranked.model,
        others.model as other_model,
        cast(ranked.twice_rank as bigint) as x,
        cast(others.twice_rank as bigint) as y
    from ranked
    inner join ranked as others
        on
            ranked.measure = others.measure
            and ranked.conversion = others.conversion
            and ranked.channel = others.channel
            and ranked.model < others.model
),

rank_sums as (
    select
        measure,
        conversion,
        model,
        other_model,
        count(*) as channels,
        count(*) * sum(x * y) - sum(x) * sum(y) as xy,
        count(*) * sum(x * x) - sum(x) * sum(x) as xx,
        count(*) * sum(y * y) - sum(y) * sum(y) as yy
    from ranked_by_both
    group by measure, conversion, model, other_model
),

-- Which of two channels a model puts before the other: 1, -1, or 0 where it tells none apart.
compared as (
    select
        given.measure,
        given.model,
        given.conversion,
        given.channel,
        others.channel as other_channel,
        cast(sign(given.part - others.part) as integer) as ahead
    from given
    inner join given as others
        on
            given.measure = others.measure
            and given.model = others.model
            and given.conversion = others.conversion
            and given.channel < others.channel
),

pair_sums as (
    select
        compared.measure,
        compared.conversion,
        compared.model,
        others.model as other_model,
        sum(compared.ahead * others.ahead) as xy,
        sum(abs(compared.ahead)) as xx,
        sum(abs(others.ahead)) as yy
    from compared
    inner join compared as others
        on
            compared.measure = others.measure
            and compared.conversion = others.conversion
            and compared.channel = others.channel
            and compared.other_channel = others.other_channel
            and compared.model < others.model
    group by compared.measure, compared.conversion, compared.model, others.model
),

correlated as (
    select
        rank_sums.measure,
        rank_sums.conversion,
        rank_sums.model,
        rank_sums.other_model,
        rank_sums.channels,
        cast(rank_sums.xy as double)
        / nullif(sqrt(cast(rank_sums.xx as double) * cast(rank_sums.yy as double)), 0)
            as spearman,
        cast(pair_sums.xy as double)
        / nullif(sqrt(cast(pair_sums.xx as double) * cast(pair_sums.yy as double)), 0)
            as kendall
    from rank_sums
    left join pair_sums
        on
            rank_sums.measure = pair_sums.measure
            and rank_sums.conversion = pair_sums.conversion
            and rank_sums.model = pair_sums.model
            and rank_sums.other_model = pair_sums.other_model
)

select
    conversion,
    model,
    other_model,
    cast(max(channels) as bigint) as channels,
    max(case when measure = 'conversions' then spearman end) as spearman,
    max(case when measure = 'conversions' then kendall end) as kendall,
    max(case when measure = 'amount' then spearman end) as spearman_amount,
    max(case when measure = 'amount' then kendall end) as kendall_amount
from correlated
group by conversion, model, other_model
