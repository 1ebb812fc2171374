{# CTEs that end in `sliced`: the spells of a CTE under each segment and slice that they count in, with these columns. #}
{% macro stage_slices(spells, columns) -%}
settings as (
    select * from {{ source('agreement', 'settings') }}
),

kinds as (
    select 'all' as slice_kind
    union all
    select 'cohort' as slice_kind
    union all
    select 'channel' as slice_kind
    union all
    select 'owner' as slice_kind
),

levels as (
    select 1 = 0 as by_segment
    union all
    select 1 = 1 as by_segment
),

sliced as (
    select
        spells.stage,
        spells.unit,
        case when levels.by_segment then spells.segment else 'all' end as segment,
        kinds.slice_kind,
        case kinds.slice_kind
            when 'cohort' then spells.cohort
            when 'channel' then spells.channel
            when 'owner' then spells.owner
            else 'all'
        end as slice,
        {%- for column in columns %}
        spells.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ spells }} as spells
    cross join kinds
    cross join levels
    cross join settings
    where not levels.by_segment or settings.segment_by is not null
)
{%- endmacro %}
