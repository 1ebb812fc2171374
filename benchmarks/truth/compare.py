"""What was recovered, part by part, and the reason of each miss."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.truth import touches
from benchmarks.truth.prepare import EXITS, STAGES, open_beside

Verdicts = list[tuple[str, str | None, int]]
"""`right`, `missed` (true, not ours), `extra` (ours, not true) or `differs`; reason; how many."""


@dataclass(frozen=True)
class Part:
    """One line of the comparison."""

    name: str
    right: int = 0
    missed: int = 0
    extra: int = 0
    unexplained: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def precision(self) -> float:
        """The share of ours that is true."""
        return _share(self.right, self.extra)

    @property
    def recall(self) -> float:
        """The share of the truth that is ours."""
        return _share(self.right, self.missed)


def _share(right: int, wrong: int) -> float:
    return right / (right + wrong) if right + wrong else 1.0


def compare(warehouse: Path, truth: Path) -> list[Part]:
    """The build in that warehouse, held against the truth in that folder."""
    with open_beside(warehouse, truth) as connection:
        return [_part(name, verdicts) for name, verdicts in _all(connection)]


def _all(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Verdicts]]:
    for name, query in _QUERIES.items():
        yield name, _asked(connection, query)
    for stage in (*STAGES, *EXITS):
        yield f"{stage}_at", _asked(connection, _stage_time(stage))
    touches.place(connection)
    yield "touches", _asked(connection, touches.VERDICTS)


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> Verdicts:
    counted = f"select verdict, reason, count(*) from ({query}) group by all order by all"
    return connection.execute(counted).fetchall()


def _part(name: str, verdicts: Verdicts) -> Part:
    def total(*kinds: str) -> int:
        return sum(n for verdict, _, n in verdicts if verdict in kinds)

    reasons: dict[str, int] = {}
    for verdict, reason, n in verdicts:
        if verdict != "right" and reason is not None:
            reasons[f"{verdict}: {reason}"] = n
    return Part(
        name,
        right=total("right"),
        missed=total("missed", "differs"),
        extra=total("extra", "differs"),
        unexplained=sum(
            n for verdict, reason, n in verdicts if verdict != "right" and reason is None
        ),
        reasons=reasons,
    )


_SPLIT: Final = "a second record under another address, with no id that ties the two"
_NEVER_KNOWN: Final = "no system had a record of them by the end"

_QUERIES: Final = {
    # Pairs of records: ours are of one prospect, true ones are of one person.
    "identity (pairs of records)": f"""
        select
            case
                when one.person = other.person and one.prospect_id = other.prospect_id
                    then 'right'
                when one.person = other.person then 'missed'
                else 'extra'
            end as verdict,
            if(one.person = other.person and one.person in (from split), '{_SPLIT}', null)
                as reason
        from known as one
        inner join known as other
            on
                one.person_key < other.person_key
                and (one.person = other.person or one.prospect_id = other.prospect_id)
    """,
    "prospects": f"""
        select
            case
                when person_of.prospect_id is null then 'missed'
                when people.person is null then 'extra'
                when row_number() over (partition by people.person) > 1 then 'extra'
                else 'right'
            end as verdict,
            case
                when person_of.prospect_id is null and not people.is_known then '{_NEVER_KNOWN}'
                when people.person in (from split) then '{_SPLIT}'
            end as reason
        from people
        full outer join person_of using (person)
    """,
    "journeys": f"""
        select
            case
                when true_ways.way is null then 'extra'
                when ours.journey_id is null then 'missed'
                else 'right'
            end as verdict,
            case
                when true_ways.way is null and ours.person in (from split) then '{_SPLIT}'
                when ours.journey_id is null and not people.is_known then '{_NEVER_KNOWN}'
            end as reason
        from true_ways
        left join people using (person)
        left join paired using (way)
        full outer join ours using (journey_id)
    """,
    "outcomes": """
        select
            if(
                ours.outcome = true_ways.outcome
                and (true_ways.is_member or ours.recycles = true_ways.recycles),
                'right',
                'differs'
            ) as verdict,
            null as reason
        from paired
        inner join true_ways using (way)
        inner join ours using (journey_id)
    """,
    "deals": """
        select
            case
                when built.deal_id is null then 'missed'
                when deals.deal_id is null then 'extra'
                when
                    built.outcome = deals.outcome
                    and built.amount is not distinct from deals.amount
                    and built.amount_at_creation is not distinct from deals.first_amount
                    and built.currency = deals.currency
                    and built.created_at = cast(deals.opened_at as timestamp)
                    and built.closed_at is not distinct from cast(deals.closed_at as timestamp)
                    and ours.person = deals.prospect
                    then 'right'
                else 'differs'
            end as verdict,
            null as reason
        from built.marts.fct_deal as built
        left join ours using (journey_id)
        full outer join true_deals as deals on left(built.source_record_id, 15) = deals.deal_id
    """,
    "handoffs": """
        select
            case
                when ours.handoff_id is null then 'missed'
                when handoffs.prospect is null then 'extra'
                when
                    ours.decided_at is not distinct from cast(handoffs.decided_at as timestamp)
                    and coalesce(handoffs.decision, 'ignored or pending') = if(
                        ours.decision in ('ignored', 'pending'),
                        'ignored or pending',
                        ours.decision
                    )
                    and ours.reason is not distinct from handoffs.reason
                    then 'right'
                else 'differs'
            end as verdict,
            null as reason
        from (
            select built.*, ours.person
            from built.marts.fct_handoff as built
            inner join ours using (journey_id)
        ) as ours
        full outer join true_handoffs as handoffs
            on
                ours.person = handoffs.prospect
                and ours.handed_at = cast(handoffs.handed_at as timestamp)
    """,
    # The simulated CRM tells the teams of today alone, and no load had seen the earlier ones.
    "first attempts": """
        with moved as (
            select distinct person_of.person, touches.occurred_at
            from built.marts.fct_touch as touches
            inner join person_of using (prospect_id)
            where
                touches.team = 'marketing'
                and touches.source = 'salesforce'
                and touches.direction = 'out'
        )

        select
            case
                when built.first_attempt_at = cast(handoffs.first_attempt_at as timestamp)
                    then 'right'
                when built.first_attempt_at is null then 'missed'
                when handoffs.first_attempt_at is null then 'extra'
                else 'differs'
            end as verdict,
            if(
                moved.person is not null,
                'the rep has since moved to marketing, and no load had seen the earlier team',
                null
            ) as reason
        from built.marts.fct_handoff as built
        inner join ours using (journey_id)
        inner join true_handoffs as handoffs
            on
                ours.person = handoffs.prospect
                and built.handed_at = cast(handoffs.handed_at as timestamp)
        left join moved
            on
                handoffs.prospect = moved.person
                and cast(handoffs.first_attempt_at as timestamp) = moved.occurred_at
        where built.first_attempt_at is not null or handoffs.first_attempt_at is not null
    """,
}


def _stage_time(stage: str) -> str:
    """The stage's time in each pair of journeys of the prospects who lead theirs."""
    return f"""
        with first_touches as (
            select
                prospect as person,
                arg_min(cast(touch as varchar), occurred_at) as touch,
                arg_min(kind, occurred_at) as kind
            from true_touches
            group by prospect
        )

        select
            case
                when ours.{stage}_at = cast(true_ways.{stage}_at as timestamp) then 'right'
                when ours.{stage}_at is null then 'missed'
                when true_ways.{stage}_at is null then 'extra'
                else 'differs'
            end as verdict,
            case
                when ours.person in (from split) then '{_SPLIT}'
                when
                    '{stage}' = 'aware'
                    and ours.aware_at > cast(true_ways.aware_at as timestamp)
                    and first_touches.touch in (select record_id from true_faults)
                    then 'the record of the first touch is wrong and was refused'
                when
                    '{stage}' = 'aware'
                    and first_touches.kind in ('event', 'webinar')
                    and ours.aware_at = date_trunc('minute', cast(true_ways.aware_at as timestamp))
                    then 'who attended is told to the minute'
                when
                    '{stage}' = 'aware'
                    and first_touches.kind in ('event', 'webinar')
                    and ours.aware_at = date_trunc('day', cast(true_ways.aware_at as timestamp))
                    then 'who attended is told by the day'
            end as reason
        from paired
        inner join true_ways using (way)
        inner join ours using (journey_id)
        left join first_touches on true_ways.person = first_touches.person
        where
            not true_ways.is_member
            and (ours.{stage}_at is not null or true_ways.{stage}_at is not null)
    """
