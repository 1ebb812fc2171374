-- A journey reaches no stage before an earlier one, and reaches every stage below one that it
-- reached. A stage that the ladder lacks has no time, so each time is held against the latest one
-- before it.
with journeys as (
    select * from {{ ref('fct_funnel') }}
),

times as (
    {%- for stage in ['aware', 'lead', 'mql', 'sal', 'sql', 'opportunity', 'won'] %}
        select
            journey_id,
            {{ loop.index }} as place,
            {{ stage }}_at as reached_at
        from journeys
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select
    earlier.journey_id,
    earlier.place,
    later.place as later_place
from times as earlier
inner join times as later
    on earlier.journey_id = later.journey_id and earlier.place < later.place
where later.reached_at < earlier.reached_at
