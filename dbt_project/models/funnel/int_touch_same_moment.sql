-- Each touch that is told to the moment, with the one that stands for it: of each run of touches
-- that follow one another closely, the first of every system are one, so are the second ones, and
-- so on.
with touches as (
    select * from {{ ref('int_touch_subject') }}
    where not is_day_only
),

settings as (
    select * from {{ source('agreement', 'settings') }}
),

-- What one system alone logs is told twice by nobody: most touches need not be put in order.
told_by_several as (
    select
        subject,
        kind,
        direction
    from touches
    group by subject, kind, direction
    having min(source) <> max(source)
),

followed as (
    select
        touches.touch_id,
        touches.subject,
        touches.kind,
        touches.direction,
        touches.source,
        touches.occurred_at,
        touches.day,
        touches.n_known,
        lag(touches.occurred_at) over (
            partition by touches.subject, touches.kind, touches.direction
            order by touches.occurred_at asc nulls last, touches.touch_id asc nulls last
        ) as occurred_before
    from touches
    inner join told_by_several
        on
            touches.subject = told_by_several.subject
            and touches.kind = told_by_several.kind
            and touches.direction = told_by_several.direction
),

in_runs as (
    select
        followed.touch_id,
        followed.subject,
        followed.kind,
        followed.direction,
        followed.source,
        followed.occurred_at,
        followed.day,
        followed.n_known,
        settings.touch_same_within_minutes * 60.0e0 as same_within_seconds,
        sum(
            case
                when
                    {{ seconds_between('followed.occurred_before', 'followed.occurred_at') }}
                    <= settings.touch_same_within_minutes * 60.0e0
                    then 0
                else 1
            end
        ) over (
            partition by followed.subject, followed.kind, followed.direction
            order by followed.occurred_at asc nulls last, followed.touch_id asc nulls last
            rows between unbounded preceding and current row
        ) as run
    from followed
    cross join settings
),

numbered as (
    select
        touch_id,
        subject,
        kind,
        direction,
        source,
        occurred_at,
        day,
        n_known,
        same_within_seconds,
        run,
        row_number() over (
            partition by subject, kind, direction, run, source
            order by occurred_at asc nulls last, touch_id asc nulls last
        ) as nth
    from in_runs
),

ranked as (
    select
        touch_id,
        subject,
        kind,
        direction,
        source,
        occurred_at,
        day,
        same_within_seconds,
        run,
        nth,
        row_number() over (
            partition by subject, kind, direction, run, nth
            order by
                n_known desc nulls last, occurred_at asc nulls last, touch_id asc nulls last
        ) as place
    from numbered
),

kept as (
    select
        touch_id,
        subject,
        kind,
        direction,
        run,
        nth,
        occurred_at
    from ranked
    where place = 1
)

-- In a long run the ones of one number may be further apart than one touch can be.
select
    ranked.touch_id,
    case
        when
            abs({{ seconds_between('kept.occurred_at', 'ranked.occurred_at') }})
            <= ranked.same_within_seconds
            then kept.touch_id
        else ranked.touch_id
    end as same_as_touch_id,
    ranked.subject,
    ranked.kind,
    ranked.direction,
    ranked.source,
    ranked.occurred_at,
    ranked.day
from ranked
inner join kept
    on
        ranked.subject = kept.subject
        and ranked.kind = kept.kind
        and ranked.direction = kept.direction
        and ranked.run = kept.run
        and ranked.nth = kept.nth
union all
select
    touches.touch_id,
    touches.touch_id as same_as_touch_id,
    touches.subject,
    touches.kind,
    touches.direction,
    touches.source,
    touches.occurred_at,
    touches.day
from touches
left join told_by_several
    on
        touches.subject = told_by_several.subject
        and touches.kind = told_by_several.kind
        and touches.direction = told_by_several.direction
where told_by_several.subject is null
