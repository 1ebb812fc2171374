"""A finished build beside the truth, in one database: who is who, and which journey is which."""

from pathlib import Path
from typing import Final

import duckdb

from connectors.sandbox.people import PEOPLE_A_PROSPECT

STAGES: Final = ("aware", "lead", "mql", "sal", "sql", "opportunity", "won")
EXITS: Final = ("lost", "disqualified")
_TABLES: Final = ("prospects", "records", "journeys", "handoffs", "deals", "touches", "faults")


def open_beside(warehouse: Path, truth: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory with the views and tables that the comparisons read.

    `known`: record, prospect, real person. `person_of`: prospect, person, and the person who leads
    the deal that both are on. `paired`: each true journey and the one of ours that comes nearest.
    """
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{warehouse}' as built (read_only)")
    for table in _TABLES:
        connection.execute(f"create view true_{table} as from '{truth / table}.parquet'")
    for statement in (_KNOWN, _SPLIT, _PEOPLE, _PERSON_OF, _true_journeys(), _OURS, _PAIRED):
        connection.execute(statement)
    return connection


# Salesforce gives an id three letters more, and both portals keep the ids of the exports.
_KNOWN = """
    create table known as
    select
        links.person_key,
        links.prospect_id,
        links.source,
        records.prospect as person,
        persons.email_normalised,
        persons.external_id
    from built.intermediate.int_person_link as links
    inner join built.input.input_persons as persons using (person_key)
    left join true_records as records
        on
            records.source = if(links.source = 'salesforce', 'crm', 'marketing')
            and records.record_id = if(
                links.source = 'salesforce',
                left(links.source_record_id, 15),
                links.source_record_id
            )
"""
# People who are several prospects though two of those share no address and no id.
_SPLIT = """
    create table split as
    with people as (
        select person
        from known
        group by person
        having count(distinct prospect_id) > 1
    ),

    shared as (
        select one.person
        from known as one
        inner join known as other
            on
                one.person = other.person
                and one.prospect_id < other.prospect_id
                and (
                    one.email_normalised = other.email_normalised
                    or one.external_id = other.external_id
                )
    )

    select person
    from people
    where person not in (from shared)
"""
_PEOPLE = f"""
    create view people as
    select
        prospect as person,
        coalesce(joined_deal_of * {PEOPLE_A_PROSPECT}, prospect) as leader,
        prospect in (select prospect from true_records) as is_known,
        leader in (
            select prospect from true_records where source = 'marketing'
        ) as is_in_marketing
    from true_prospects
"""
_PERSON_OF = """
    create table person_of as
    select
        known.prospect_id,
        any_value(known.person) as person,
        any_value(people.leader) as leader,
        count(distinct known.person) as n_people
    from known
    left join people using (person)
    group by known.prospect_id
"""


def _true_journeys() -> str:
    """Times as METRICS has them: the earliest entry to the stage or to any later one."""
    reached = ", ".join(
        f"least({', '.join(f'{later}_at' for later in STAGES[place:])}) as {stage}_at"
        for place, stage in enumerate(STAGES)
    )
    # A colleague who joins a deal has a journey too, which takes the deal's outcome.
    return f"""
        create table true_ways as
        select
            row_number() over () as way,
            prospect as person,
            journey_seq,
            false as is_member,
            {reached},
            lost_at,
            disqualified_at,
            outcome,
            recycles
        from true_journeys
        union all by name
        select
            -row_number() over () as way,
            colleagues.prospect as person,
            1 as journey_seq,
            true as is_member,
            deals.outcome
        from true_prospects as colleagues
        inner join true_deals as deals
            on deals.prospect = colleagues.joined_deal_of * {PEOPLE_A_PROSPECT}
    """


_OURS = """
    create table ours as
    select
        journeys.*,
        person_of.person,
        not journeys.is_primary as is_member,
        coalesce(journeys.deal_id is not null, false) as has_deal
    from built.marts.fct_funnel as journeys
    left join person_of using (prospect_id)
"""
# Of the journeys of a person who is two prospects, the one that came furthest is the one meant.
_PAIRED = """
    create table paired as
    select
        true_ways.way,
        ours.journey_id
    from true_ways
    inner join ours using (person, journey_seq, is_member)
    qualify row_number() over (
        partition by true_ways.way
        order by
            ours.outcome <> true_ways.outcome,
            abs(epoch(ours.aware_at) - epoch(true_ways.aware_at)),
            ours.journey_id
    ) = 1
"""
