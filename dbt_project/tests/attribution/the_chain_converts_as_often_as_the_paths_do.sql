-- The Markov chain's conversion rate is the share of the paths that are over and converted.
with paths as (
    select * from {{ ref('attribution_path') }}
    where step = 1
),

effects as (
    select * from {{ source('statistics', 'removal_effect') }}
),

rates as (
    select
        conversion,
        cast(sum(conversions) as double) / cast(sum(paths) as double) as conversion_rate
    from paths
    group by conversion
)

select
    effects.conversion,
    effects.channel,
    effects.conversion_rate,
    rates.conversion_rate as rate_of_paths
from effects
left join rates on effects.conversion = rates.conversion
where
    rates.conversion is null
    or abs(effects.conversion_rate - rates.conversion_rate) > 0.000000001
