{#
    Spells in days of both kinds, as the CTE `measured`: `columns`, `unit` (calendar or business), and for each of `days` (a
    name and a date of the spell) how many days it is after the date `started`.

    `spells` is a CTE with `columns` and the dates. `calendar` is the CTE of the business days. A day outside that calendar
    leaves the business days null.
#}
{% macro measured_spells(spells, columns, started, days) -%}
measured as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        'calendar' as unit,
        {%- for name, date in days.items() %}
        {{ days_between(started, date) }} as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ spells }}
    union all
    select
        {%- for column in columns %}
        {{ spells }}.{{ column }},
        {%- endfor %}
        'business' as unit,
        {%- for name in days %}
        of_{{ name }}.business_day_number - start_day.business_day_number as {{ name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ spells }}
    left join calendar as start_day on {{ spells }}.{{ started }} = start_day.day
    {%- for name, date in days.items() %}
    left join calendar as of_{{ name }} on {{ spells }}.{{ date }} = of_{{ name }}.day
    {%- endfor %}
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

{#
    How many go from each state to each other on each day, and of how many: the CTE `transitions`: `keys`, `state`, `day`,
    `at_risk`, `to_state`, `n`.

    `stays` is a CTE with `keys`, `state`, `entry_day`, `exit_day` and `to_state` (null where the stay was last seen going
    on). At risk on day t are those with entry < t <= exit. A day on which nobody moves, but somebody comes or is last
    seen, has a row without `to_state`, and n = 0.
#}
{% macro transition_counts(stays, keys) -%}
{%- set key_columns = keys | join(', ') -%}
flows as (
    select
        {{ key_columns }},
        state,
        entry_day as day,
        1 as entered,
        0 as gone
    from {{ stays }}
    union all
    select
        {{ key_columns }},
        state,
        exit_day as day,
        0 as entered,
        1 as gone
    from {{ stays }}
),

days as (
    select
        {{ key_columns }},
        state,
        day,
        sum(entered) as entered,
        sum(gone) as gone
    from flows
    group by {{ key_columns }}, state, day
),

days_at_risk as (
    select
        {{ key_columns }},
        state,
        day,
        {{ running('sum', 'entered - gone', key_columns ~ ', state') }} + gone - entered as at_risk
    from days
),

moved as (
    select
        {{ key_columns }},
        state,
        exit_day as day,
        to_state,
        count(*) as n
    from {{ stays }}
    where to_state is not null
    group by {{ key_columns }}, state, exit_day, to_state
),

transitions as (
    select
        {%- for key in keys %}
        days_at_risk.{{ key }},
        {%- endfor %}
        days_at_risk.state,
        days_at_risk.day,
        cast(days_at_risk.at_risk as bigint) as at_risk,
        moved.to_state,
        cast(coalesce(moved.n, 0) as bigint) as n
    from days_at_risk
    left join moved
        on
            {%- for key in keys %}
            days_at_risk.{{ key }} = moved.{{ key }} and
            {%- endfor %}
            days_at_risk.state = moved.state and days_at_risk.day = moved.day
)
{%- endmacro %}
