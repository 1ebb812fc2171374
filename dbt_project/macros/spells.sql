{#
    Spells in days of both kinds, as the CTE `measured`: `columns`, `unit` (calendar or business), `entry_day` and `exit_day`.

    `spells` is a CTE with `columns` and three dates: when the spell `started`, from when on it was `seen`, and when it
    `ended`. `calendar` is the CTE of the business days. A day outside that calendar leaves the business days null.
#}
{% macro measured_spells(spells, columns, started, seen, ended) -%}
measured as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        'calendar' as unit,
        {{ days_between(started, seen) }} as entry_day,
        {{ days_between(started, ended) }} as exit_day
    from {{ spells }}
    union all
    select
        {%- for column in columns %}
        {{ spells }}.{{ column }},
        {%- endfor %}
        'business' as unit,
        first_day.business_day_number - start_day.business_day_number as entry_day,
        last_day.business_day_number - start_day.business_day_number as exit_day
    from {{ spells }}
    left join calendar as start_day on {{ spells }}.{{ started }} = start_day.day
    left join calendar as first_day on {{ spells }}.{{ seen }} = first_day.day
    left join calendar as last_day on {{ spells }}.{{ ended }} = last_day.day
)
{%- endmacro %}

{# Whether a measured spell can stand on a curve, and else why not; `is_excluded` tells of those that must not. #}
{% macro spell_standing(is_excluded) -%}
    case
        when {{ is_excluded }} then 'excluded'
        when entry_day is null or exit_day is null or exit_day < 0 then 'excluded'
        when entry_day > 0 and exit_day <= entry_day then 'unseen'
        else 'at_risk'
    end
{%- endmacro %}

{#
    Who is at risk on each day on which somebody enters or leaves, from where enough are at risk, as the CTE `risk_sets`:
    `keys`, `starts_at_day`, `day`, `entered`, `at_risk`, and one count for each of `ends` (a name and the condition under
    which a spell ends so).

    `spells` is a CTE with `keys`, `entry_day`, `exit_day` and what the conditions ask for; a row counts `times`.
    `settings` is the CTE of the agreement's settings. The risk set at day t holds those with entry < t <= exit; who
    enters at 0 is there from day 0 on. Between two days nobody comes or goes, so a risk set is there from the day
    after the one before.
#}
{% macro risk_sets(spells, keys, ends, times='1') -%}
{%- set key_columns = keys | join(', ') -%}
flows as (
    select
        {{ key_columns }},
        entry_day as day,
        {{ times }} as entered,
        {%- for end in ends %}
        0 as {{ end }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ spells }}
    union all
    select
        {{ key_columns }},
        exit_day as day,
        0 as entered,
        {%- for end, condition in ends.items() %}
        case when {{ condition }} then {{ times }} else 0 end as {{ end }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ spells }}
),

days as (
    select
        {{ key_columns }},
        day,
        sum(entered) as entered,
        {%- for end in ends %}
        sum({{ end }}) as {{ end }},
        {%- endfor %}
        sum({{ ends | join(' + ') }}) as gone
    from flows
    group by {{ key_columns }}, day
),

days_at_risk as (
    select
        {{ key_columns }},
        day,
        entered,
        {%- for end in ends %}
        {{ end }},
        {%- endfor %}
        {{ running('sum', 'entered - gone', key_columns) }}
        + gone - case when day > 0 then entered else 0 end as at_risk,
        lag(day) over (partition by {{ key_columns }} order by day asc nulls last) as day_before
    from days
),

days_with_start as (
    select
        {%- for key in keys %}
        days_at_risk.{{ key }},
        {%- endfor %}
        days_at_risk.day,
        days_at_risk.entered,
        {%- for end in ends %}
        days_at_risk.{{ end }},
        {%- endfor %}
        days_at_risk.at_risk,
        min(
            case
                when days_at_risk.at_risk >= settings.minimum_at_risk
                    then coalesce(days_at_risk.day_before + 1, days_at_risk.day)
            end
        ) over (
            partition by
                {%- for key in keys %}
                days_at_risk.{{ key }}{% if not loop.last %},{% endif %}
                {%- endfor %}
        ) as starts_at_day
    from days_at_risk
    cross join settings
),

risk_sets as (
    select
        {{ key_columns }},
        cast(starts_at_day as integer) as starts_at_day,
        day,
        cast(entered as bigint) as entered,
        cast(at_risk as bigint) as at_risk,
        {%- for end in ends %}
        cast({{ end }} as bigint) as {{ end }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from days_with_start
    where day >= starts_at_day
)
{%- endmacro %}
