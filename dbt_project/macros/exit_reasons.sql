{#
    The CTEs that say why a subject left the ladder, `exit_reasons`: over the CTEs `claims` (what a source says of
    stages), `told_reasons` (how the field of the reason changed: source, subject_kind, subject, value, previous_value,
    changed_at, nth) and `present_reasons` (what it is as of as_of: source, subject_kind, subject, value).

    A reason is often filled in after the stage, so what counts is what the field said last before the next stage. Of a
    field whose history is not kept, only the last entry has what it says now: what it said of an earlier one is gone.
#}
{% macro exit_reasons() -%}
exit_words as (
    select
        stage_words.vocabulary,
        stage_words.word
    from {{ source('agreement', 'stage_words') }} as stage_words
    inner join {{ source('agreement', 'stages') }} as stages on stage_words.stage = stages.stage
    where stages.is_exit
),

entries as (
    select
        source,
        record_key,
        subject_kind,
        subject,
        stage,
        stage_vocabulary,
        lead(changed_at) over (
            partition by source, subject_kind, subject, stage_vocabulary
            order by changed_at asc nulls last, record_key asc nulls last
        ) as left_at
    from claims
),

left_for as (
    select
        entries.source,
        entries.record_key,
        entries.subject_kind,
        entries.subject,
        entries.left_at
    from entries
    inner join exit_words
        on
            entries.stage_vocabulary = exit_words.vocabulary
            and {{ word('entries.stage') }} = {{ word('exit_words.word') }}
),

told_meanwhile as (
    select
        left_for.source,
        left_for.record_key,
        coalesce(told_reasons.changed_at < left_for.left_at, 1 = 1) as is_before,
        told_reasons.value,
        told_reasons.previous_value,
        told_reasons.changed_at,
        told_reasons.nth
    from left_for
    inner join told_reasons
        on
            left_for.source = told_reasons.source
            and left_for.subject_kind = told_reasons.subject_kind
            and left_for.subject = told_reasons.subject
),

-- The last change before the stage was left; without one, what the first change after it says of before.
ranked_reasons as (
    select
        source,
        record_key,
        case when is_before then value else previous_value end as reason,
        row_number() over (
            partition by source, record_key
            order by
                case when is_before then changed_at end desc nulls last,
                case when is_before then nth end desc nulls last,
                changed_at asc nulls last,
                nth asc nulls last
        ) as reason_rank
    from told_meanwhile
),

exit_reasons as (
    select
        left_for.source,
        left_for.record_key,
        case
            when ranked_reasons.record_key is not null then ranked_reasons.reason
            when left_for.left_at is null then present_reasons.value
        end as reason
    from left_for
    left join ranked_reasons
        on
            left_for.source = ranked_reasons.source
            and left_for.record_key = ranked_reasons.record_key
            and ranked_reasons.reason_rank = 1
    left join present_reasons
        on
            left_for.source = present_reasons.source
            and left_for.subject_kind = present_reasons.subject_kind
            and left_for.subject = present_reasons.subject
)
{%- endmacro %}
