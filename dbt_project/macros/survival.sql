{#
    Kaplan-Meier and Aalen-Johansen over risk sets, with Greenwood's variance and its counterpart for competing risks.

    `risk_sets` is a CTE with the columns of `keys`, `day`, `at_risk` and one count of exits for each of `causes`;
    one row per key and day, days with at_risk = 0 allowed. The macro gives CTEs that end in `estimates`: the same
    columns, and `exited`, `survival`, `survival_se`, and for each cause `cif_<cause>`, `cif_<cause>_se`. A standard
    error is null where its estimator is not defined: that of survival once nobody is left.

    At each day all exits are taken as tied, from the number at risk just before. Everything is a running sum along
    the days, so the cost is that of one sort, whatever the number of people.

    Variance of a cumulative incidence F of cause k (delta method: Dinse and Larson 1986; Marubini and Valsecchi
    1995), with n at risk, d exits, k of them of the cause, S the survival just before, summed over the days s <= t:
      (F(t) - F(s))^2 d / (n (n - d)) + S^2 k (n - k) / n^3 - 2 (F(t) - F(s)) S k / n^2
    It is written out in powers of F(t), so that each sum runs over s alone.
#}
{% macro survival_estimates(risk_sets, keys, causes) -%}
{%- set key_columns = keys | join(', ') -%}
counted_exits as (
    select
        {{ key_columns }},
        day,
        at_risk,
        cast(at_risk as double) as n,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        {{ causes | join(' + ') }} as exited,
        cast({{ causes | join(' + ') }} as double) as d
    from {{ risk_sets }}
),

-- ln(0) is never asked for: a day on which everybody left is marked, and survival is 0 from there on.
hazards as (
    select
        {{ key_columns }},
        day,
        at_risk,
        n,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        case when n > d then ln((n - d) / n) else 0.0e0 end as log_factor,
        case when n > d then d / (n * (n - d)) else 0.0e0 end as greenwood,
        case when n > 0 and n = d then 1 else 0 end as is_end
    from counted_exits
),

summed_hazards as (
    select
        {{ key_columns }},
        day,
        at_risk,
        n,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        greenwood,
        {{ running('sum', 'log_factor', key_columns) }} as log_survival,
        {{ running('sum', 'greenwood', key_columns) }} as greenwood_sum,
        {{ running('max', 'is_end', key_columns) }} as has_ended
    from hazards
),

survivals as (
    select
        {{ key_columns }},
        day,
        at_risk,
        n,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        greenwood,
        greenwood_sum,
        case when has_ended = 1 then 0.0e0 else exp(log_survival) end as survival,
        case when has_ended = 0 then exp(log_survival) * sqrt(greenwood_sum) end as survival_se
    from summed_hazards
),

survivals_before as (
    select
        {{ key_columns }},
        day,
        at_risk,
        n,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        greenwood,
        greenwood_sum,
        survival,
        survival_se,
        coalesce(
            lag(survival) over (partition by {{ key_columns }} order by day asc nulls last), 1.0e0
        ) as survival_before
    from survivals
),

incidences as (
    select
        {{ key_columns }},
        day,
        at_risk,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        greenwood,
        greenwood_sum,
        survival,
        survival_se,
        {%- for cause in causes %}
        {{ running('sum', 'case when n > 0 then survival_before * ' ~ cause ~ ' / n else 0.0e0 end', key_columns) }} as cif_{{ cause }},
        case when n > 0 then survival_before * survival_before * {{ cause }} * (n - {{ cause }}) / (n * n * n) else 0.0e0 end as spread_{{ cause }},
        case when n > 0 then survival_before * {{ cause }} / (n * n) else 0.0e0 end as cross_{{ cause }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from survivals_before
),

variances as (
    select
        {{ key_columns }},
        day,
        at_risk,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        survival,
        survival_se,
        {%- for cause in causes %}
        cif_{{ cause }},
        cif_{{ cause }} * cif_{{ cause }} * greenwood_sum
        - 2 * cif_{{ cause }} * {{ running('sum', 'cif_' ~ cause ~ ' * greenwood', key_columns) }}
        + {{ running('sum', 'cif_' ~ cause ~ ' * cif_' ~ cause ~ ' * greenwood', key_columns) }}
        + {{ running('sum', 'spread_' ~ cause, key_columns) }}
        - 2 * cif_{{ cause }} * {{ running('sum', 'cross_' ~ cause, key_columns) }}
        + 2 * {{ running('sum', 'cif_' ~ cause ~ ' * cross_' ~ cause, key_columns) }} as variance_{{ cause }},
        cif_{{ cause }} * cif_{{ cause }} * greenwood_sum
        + {{ running('sum', 'spread_' ~ cause, key_columns) }}
        + 2 * cif_{{ cause }} * {{ running('sum', 'cross_' ~ cause, key_columns) }} as summands_{{ cause }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from incidences
),

-- A variance that is zero comes out as a rounding of what it is summed of, above it or below.
estimates as (
    select
        {{ key_columns }},
        day,
        at_risk,
        {%- for cause in causes %}
        {{ cause }},
        {%- endfor %}
        exited,
        survival,
        survival_se,
        {%- for cause in causes %}
        cif_{{ cause }},
        case
            when variance_{{ cause }} > {{ rounding() }} * summands_{{ cause }} then sqrt(variance_{{ cause }}) else 0.0e0
        end as cif_{{ cause }}_se
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from variances
)
{%- endmacro %}

{# What sums of floating numbers may be off by, as a share of what was summed. #}
{% macro rounding() -%} 1.0e-12 {%- endmacro %}

{# An aggregate over all days of a key up to and including this one. #}
{% macro running(aggregate, expression, key_columns) -%}
    {{ aggregate }}({{ expression }}) over (
        partition by {{ key_columns }} order by day asc nulls last
        rows between unbounded preceding and current row
    )
{%- endmacro %}

{#
    A bound of the pointwise log-log interval of a probability with this standard error; `side` is -1 for the lower
    and 1 for the upper one, `z` the normal quantile. Null at 0 and 1, where the interval is not defined: also where a
    sum that is 1 came out a rounding below it.
#}
{% macro log_log_bound(probability, standard_error, side, z) -%}
    case
        when {{ probability }} > 0 and {{ probability }} < 1 - {{ rounding() }} then
            exp(-exp(
                ln(-ln({{ probability }}))
                - ({{ side }}) * {{ z }} * {{ standard_error }} / ({{ probability }} * -ln({{ probability }}))
            ))
    end
{%- endmacro %}
