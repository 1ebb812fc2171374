-- The figures of the scorecard that are no share of counts, each measure's from a model of its own.
{% set figures = {
    'responses': 'int_response_figure',
    'kappas': 'int_kappa_figure',
    'alignments': 'int_segment_figure',
    'effects': 'int_effect_figure',
    'roads': 'int_road_figure',
    'promises': 'int_commitment_figure',
} %}
with nurture_silences as (
    select * from {{ source('statistics', 'nurture_silence') }}
),

{% for name, model in figures.items() %}
    {{ name }} as (
        select * from {{ ref(model) }}
    ){% if not loop.last %},{% endif %}

{% endfor %}

{% for name in figures %}
    select
        metric,
        month,
        segment,
        slice_kind,
        slice,
        n,
        value,
        low,
        high,
        status,
        target
    from {{ name }}
    union all
{% endfor %}
select
    metric,
    month,
    segment,
    slice_kind,
    slice,
    n,
    value,
    low,
    high,
    status,
    cast(null as double) as target
from nurture_silences
