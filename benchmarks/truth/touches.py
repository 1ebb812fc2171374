"""Each true touch beside the counting touch that the funnel made of it."""

from typing import Final

import duckdb

from connectors.sandbox.people import PEOPLE_A_PROSPECT

_LOGGED_WITHIN: Final = "interval 10 day"


def place(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `placed`: the touches of both sides, a row for each pair and each that has none."""
    for statement in (_TRUE, _OURS, _PLACED):
        connection.execute(statement)


# Who attended is told to the minute. A colleague who never joined the deal is in no list of
# prospects, but has the number of one. Numbers tell touches of one person in one moment apart.
_MOMENT = """
    date_trunc(if(kind in ('event', 'webinar'), 'minute', 'second'), occurred_at)
"""
_TRUE = f"""
    create table true_moments as
    select
        *,
        {_MOMENT} as moment,
        row_number() over (partition by person, kind, {_MOMENT} order by touch) as nth
    from (
        select
            cast(touches.touch as varchar) as touch,
            touches.kind,
            cast(touches.occurred_at as timestamp) as occurred_at,
            touches.prospect as person,
            coalesce(people.leader, touches.prospect - touches.prospect % {PEOPLE_A_PROSPECT})
                as leader,
            coalesce(people.is_in_marketing, false) as is_in_marketing
        from true_touches as touches
        left join people on touches.prospect = people.person
    )
"""
_OURS = f"""
    create table our_moments as
    select
        *,
        {_MOMENT} as moment,
        row_number() over (partition by person, kind, {_MOMENT} order by touch_id) as nth
    from (
        select
            touches.touch_id,
            touches.kind,
            touches.source,
            touches.occurred_at,
            person_of.person,
            person_of.leader
        from built.marts.fct_touch as touches
        left join person_of using (prospect_id)
        where touches.counts
    )
"""
_PLACED = """
    create table placed as
    select
        true_moments.touch,
        our_moments.touch_id
    from true_moments
    full outer join our_moments using (person, kind, moment, nth)
"""

_OTHER: Final = "kept at another contact of the deal: no system has a record of the colleague yet"

VERDICTS: Final = f"""
    with clock as (
        select max(as_of) as as_of from built.marts.fct_funnel
    ),

    missed as (
        select true_moments.*
        from placed
        inner join true_moments using (touch)
        where placed.touch_id is null
    ),

    extra as (
        select our_moments.*
        from placed
        inner join our_moments using (touch_id)
        where placed.touch is null
    ),

    orphans as (
        select distinct date_trunc('second', occurred_at) as happened_at, reason
        from built.marts.orphan_touch
    )

    select 'right' as verdict, null as reason
    from placed
    where touch is not null and touch_id is not null
    union all
    select
        'missed' as verdict,
        case
            when exists (
                select 1 from extra
                where
                    extra.leader = missed.leader
                    and extra.kind = missed.kind
                    and extra.moment = missed.moment
            ) then '{_OTHER}'
            when missed.touch in (select record_id from true_faults)
                then 'its record is wrong and was refused'
            when
                missed.kind not in ('call', 'email', 'meeting') and not missed.is_in_marketing
                then 'marketing has no record of the person, or of whom the deal is with'
            when missed.kind in ('call', 'email', 'meeting')
                and missed.occurred_at > clock.as_of - {_LOGGED_WITHIN}
                then 'sales had not logged it by the end'
            else 'an orphan: ' || orphans.reason
        end as reason
    from missed
    cross join clock
    left join orphans on missed.occurred_at = orphans.happened_at
    union all
    select
        'extra' as verdict,
        case
            when exists (
                select 1 from missed
                where
                    extra.leader = missed.leader
                    and extra.kind = missed.kind
                    and extra.moment = missed.moment
            ) then '{_OTHER}'
            when extra.source = 'salesforce' and extra.kind in ('event', 'webinar') and exists (
                select 1 from true_moments
                where
                    true_moments.leader = extra.leader
                    and true_moments.kind = extra.kind
                    and date_trunc('day', true_moments.occurred_at) = extra.occurred_at
            ) then 'attendance that sales keeps too, by its day'
            when extra.kind = 'call' and exists (
                select 1 from true_moments
                where
                    true_moments.leader = extra.leader
                    and true_moments.kind = 'event'
                    and true_moments.occurred_at = extra.occurred_at + interval 1 day
            ) then 'a call that invited to an event; the truth lists the event alone'
        end as reason
    from extra
"""
