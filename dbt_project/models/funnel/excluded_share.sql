with quarantined as (
    select * from {{ ref('quarantine') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

{% for entity in entities() %}
    {{ entity }} as (
        select * from {{ ref('input_' ~ entity) }}
    ),
{% endfor %}

kept as (
    {% for entity in entities() %}
        select
            '{{ entity }}' as entity,
            count(*) as n_kept
        from {{ entity }}
        where not is_deleted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What the source itself deleted is in no total, so it can be missing from none.
left_out as (
    select
        entity,
        source,
        stream,
        coalesce(source_record_id, quarantine_id) as record,
        reason,
        count(*) as n_rows,
        -- The funnel leaves out records that the input layer has kept.
        max(case when found_by = 'funnel' then 1 else 0 end) as is_among_kept,
        min(detail) as detail
    from quarantined
    where not is_deleted
    group by entity, source, stream, coalesce(source_record_id, quarantine_id), reason
),

-- A record of which several things are wrong is left out once; lines of one record each count.
records_left_out as (
    select
        entity,
        max(n_rows) as n_excluded,
        max(is_among_kept) as is_among_kept
    from left_out
    group by entity, source, stream, record
),

counted as (
    select
        entity,
        sum(n_excluded) as n_excluded,
        sum(case when is_among_kept = 1 then 0 else n_excluded end) as n_not_kept
    from records_left_out
    group by entity
),

reasons as (
    select
        entity,
        reason,
        cast(sum(n_rows) as bigint) as n_rows,
        min(detail) as example
    from left_out
    group by entity, reason
),

ranked_reasons as (
    select
        entity,
        cast(n_rows as string) || ' ' || reason || ' (such as: ' || coalesce(example, 'no detail')
        || ')' as in_words,
        row_number() over (
            partition by entity order by n_rows desc nulls last, reason asc nulls last
        ) as reason_rank
    from reasons
),

in_words as (
    select
        entity,
        max(case when reason_rank = 1 then in_words end)
        || coalesce('; ' || max(case when reason_rank = 2 then in_words end), '')
        || coalesce('; ' || max(case when reason_rank = 3 then in_words end), '')
        || case when max(reason_rank) > 3 then '; and others' else '' end as reasons
    from ranked_reasons
    group by entity
),

shares as (
    select
        kept.entity,
        cast(kept.n_kept + coalesce(counted.n_not_kept, 0) as bigint) as n_records,
        cast(coalesce(counted.n_excluded, 0) as bigint) as n_excluded,
        cast(coalesce(counted.n_excluded, 0) as double)
        / nullif(kept.n_kept + coalesce(counted.n_not_kept, 0), 0) as share,
        settings.excluded_share_limit,
        in_words.reasons
    from kept
    cross join settings
    left join counted on kept.entity = counted.entity
    left join in_words on kept.entity = in_words.entity
)

select
    entity,
    n_records,
    n_excluded,
    share as excluded_share,
    excluded_share_limit,
    coalesce(share <= excluded_share_limit, 1 = 1) as is_within_limit,
    case
        when n_excluded > 0
            then
                cast(n_excluded as string) || ' of ' || cast(n_records as string) || ' ' || entity
                || ' (' || cast(round(100 * share, 2) as string) || ' %)'
                || ' are left out of totals, where the agreement allows '
                || cast(round(100 * excluded_share_limit, 2) as string) || ' %: ' || reasons
                || '. Mend the source, or give its words a meaning in the agreement;'
                || ' the table quarantine lists the records.'
    end as detail
from shares
