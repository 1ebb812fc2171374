-- Each measure of alignment, month by month: its value, how sure it is, and what was promised.
with measures as (
    select * from {{ ref('int_scorecard_measure') }}
),

scores as (
    select * from {{ ref('int_scorecard_score') }}
),

users as (
    select * from {{ ref('dim_user') }}
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

clock as (
    select * from {{ source('bound', 'clock') }}
),

told as (
    select
        metric,
        month,
        segment,
        slice_kind,
        slice,
        numerator,
        denominator,
        n,
        value,
        low,
        high,
        status,
        target
    from measures
    union all
    select
        'alignment_score' as metric,
        month,
        segment,
        slice_kind,
        slice,
        null as numerator,
        null as denominator,
        n,
        value,
        null as low,
        null as high,
        status,
        null as target
    from scores
),

final as (
    select
        told.month,
        told.segment,
        told.slice_kind,
        told.slice,
        coalesce(users.full_name, told.slice) as slice_label,
        told.metric,
        told.numerator,
        told.denominator,
        told.n,
        told.value,
        told.low,
        told.high,
        told.status,
        {{ normal_quantile('0.5e0 + cast(settings.confidence_level as double) / 2.0e0') }} as z,
        told.target,
        {{ less_is_better('told.metric') }} as less_is_better,
        settings.too_few,
        clock.agreement_version,
        clock.as_of,
        clock.known_at
    from told
    cross join settings
    cross join clock
    left join users on told.slice_kind = 'owner' and told.slice = users.user_id
)

select
    month,
    segment,
    slice_kind,
    slice,
    slice_label,
    metric,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(n as bigint) as n,
    value,
    coalesce({{ wilson_bound('numerator', 'denominator', '-1', 'z') }}, low) as low,
    coalesce({{ wilson_bound('numerator', 'denominator', '1', 'z') }}, high) as high,
    target,
    less_is_better,
    case
        when status in {{ told_without_cases() }} then status
        when n = 0 then 'no data'
        when status = 'other components' then status
        when n < too_few then 'too few'
        when status <> 'ok' then status
        when target is null then 'ok'
        when less_is_better and value <= target then 'on target'
        when less_is_better then 'above target'
        when value >= target then 'on target'
        else 'below target'
    end as status,
    agreement_version,
    as_of,
    known_at
from final
