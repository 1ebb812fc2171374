"""What must hold in any funnel, and a few journeys worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from tests.dbt_project.compiled import REPOSITORY, CompiledProject, Database
from tests.dbt_project.oracle.agreement import LADDER
from tests.dbt_project.oracle.facts import Facts
from tests.dbt_project.oracle.models import BESIDE, ELSEWHERE, TABLES, Told, build
from tests.dbt_project.oracle.records import Change, Company, Deal, Person, Record, Touch, Version
from tests.dbt_project.oracle.streams import LOADED, wide_company

DECISIONS = ("accepted", "rejected", "recycled", "ignored", "pending")
ALWAYS_TRUE = {
    path.stem for path in (REPOSITORY / "dbt_project" / "tests" / "funnel").glob("*.sql")
}


@pytest.fixture(scope="module")
def shared(project: CompiledProject) -> Database:
    """One warehouse for many companies: each fills it anew."""
    return project.database()


def test_between_them_the_wide_companies_hold_everything_that_can_happen() -> None:
    happened = set()
    for seed in range(12):
        facts = Facts(wide_company(seed))
        happened |= {row[1] for row in facts.events()} | {row[9] for row in facts.events()}
        happened |= {"regression" for row in facts.events() if row[6]}
        happened |= {"skip" for row in facts.events() if row[7]}
        happened |= {"re-entry" for row in facts.events() if (row[5] or 0) > 1}
        happened |= {f"handoff {row[6]}" for row in facts.handoffs()}
        happened |= {f"deal {row[2]}" for row in facts.deals()}
        happened |= {"deal reopened" for row in facts.deals() if row[5]}
        happened |= {"touch after the close" for row in facts.touches() if row[4]}
        happened |= {"touch of an orphan" for row in facts.touches() if row[1] is None}
        happened |= {"member" for row in facts.funnel() if row[2]}
        happened |= {"deal alone" for row in facts.funnel() if row[0][0] is None}
        happened |= {"times that tell nothing" for row in facts.funnel() if row[-1]}
        happened |= {"third pass" for row in facts.funnel() if row[0][1] == 3}
        happened |= {"merged prospect" for row in facts.funnel() if len(row[0][0] or ()) > 1}
        happened |= {"record of the future" for _ in impossible(facts)}
    assert happened == {
        *("stage_entered", "won", "lost", "disqualified", "recycled", "reopened"),
        *("history", "timestamp_property", "observed", "inferred"),
        *("regression", "skip", "re-entry", "member", "deal alone", "third pass"),
        *(f"handoff {decision}" for decision in DECISIONS),
        *("deal open", "deal won", "deal lost", "deal disqualified", "deal reopened"),
        *("touch after the close", "touch of an orphan", "merged prospect"),
        *("times that tell nothing", "record of the future"),
    }


def impossible(facts: Facts) -> Sequence[Version]:
    """The versions that tell of what came after they were loaded."""
    return [
        version
        for version in facts.company.versions
        if any(at and at > version.loaded_at for at in version.record.dates)
    ]


@pytest.mark.parametrize("seed", range(2))
def test_what_must_always_hold_holds_in_a_wide_company(shared: Database, seed: int) -> None:
    build(shared, wide_company(seed))
    shared.build_with_parents(*BESIDE, given=ELSEWHERE)
    tests = [
        node
        for node in shared.project.manifest["nodes"].values()
        if node["resource_type"] == "test" and _reads_only_the_funnel(shared, node)
    ]
    broken = [node["name"] for node in tests if shared.rows(_plain(node["compiled_code"]))]
    assert broken == []
    assert {node["name"] for node in tests} >= ALWAYS_TRUE


def _reads_only_the_funnel(database: Database, node: Mapping[str, Any]) -> bool:
    nodes = database.project.manifest["nodes"]
    models = [nodes[parent] for parent in node["depends_on"]["nodes"] if parent in nodes]
    return any(model["name"] in (*TABLES, *BESIDE) for model in models) and all(
        model["fqn"][1] in ("funnel", "input") for model in models
    )


def _plain(sql: str) -> str:
    """SQL that `Database.rows` takes as it is."""
    return sql.replace("{", "{{").replace("}", "}}")


def march(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, day, hour)


def told(database: Database, *records: Record) -> Told:
    """What the models make of these records, all of one load."""
    versions = [Version(record, LOADED, seq) for seq, record in enumerate(records)]
    company = Company(LADDER, march(14), tuple(versions))
    build(database, company)
    return Told(database, company)


def entries(funnel: Told) -> list[tuple[Any, ...]]:
    """Stage, instant, evidence and whether it is a regression, of all that counts, in order."""
    rows = sorted(funnel.events(), key=lambda row: (row[3], LADDER.index(row[2])))
    return [(row[2], row[3], row[9], row[6]) for row in rows if row[10]]


def test_a_lead_that_is_converted_in_one_second_climbs_the_ladder(shared: Database) -> None:
    converted = march(5, 9)
    funnel = told(
        shared,
        Person("crm", "ann", march(1)),
        Change("crm", "person", "ann", "mql", converted),
        Change("crm", "person", "ann", "sal", converted),
        Deal("crm", "big", "ann", "opportunity", created_at=converted),
    )
    assert entries(funnel) == [
        ("aware", march(1), "timestamp_property", False),
        ("mql", converted, "history", False),
        ("sal", converted, "history", False),
        ("opportunity", converted, "timestamp_property", False),
    ]
    handoffs = [(row[2], row[5], row[6]) for row in funnel.handoffs()]
    assert handoffs == [(converted, converted, "accepted")]


def test_an_entry_that_two_records_tell_of_has_the_most_trusted_evidence(shared: Database) -> None:
    # The lead's created_at and its history tell of the same instant, on records of one person.
    funnel = told(
        shared,
        Person("crm", "ann", march(1), email="ann@x.example"),
        Person("web", "anna", march(1), email="ann@x.example"),
        Change("web", "person", "anna", "aware", march(1)),
        Change("crm", "person", "ann", "lead", march(2), "observed"),
        Change("web", "person", "anna", "lead", march(2), "timestamp_property"),
    )
    assert entries(funnel) == [
        ("aware", march(1), "history", False),
        ("lead", march(2), "timestamp_property", False),
    ]


def test_a_win_without_any_touch_or_stage_before_it_is_of_sales(shared: Database) -> None:
    funnel = told(
        shared,
        Person("crm", "ann"),
        Change("crm", "person", "ann", "won", march(3)),
    )
    assert [row[4] for row in funnel.funnel()] == ["sales"]


def test_a_deal_that_was_over_before_its_contact_was_known_runs_backwards(
    shared: Database,
) -> None:
    funnel = told(
        shared,
        Person("crm", "ann", march(10)),
        Change("crm", "person", "ann", "mql", march(10)),
        Deal("crm", "big", "ann", "won", created_at=march(1), closed_at=march(5)),
    )
    (row,) = funnel.funnel()
    *_, outcome, _, _, _, _, _, is_excluded = row
    assert (row[0][1], outcome, is_excluded) == (1, "won", True)


def test_a_touch_after_the_close_earns_nothing_until_a_qualification_opens_the_next_journey(
    shared: Database,
) -> None:
    funnel = told(
        shared,
        Person("crm", "ann", march(1)),
        Change("crm", "person", "ann", "disqualified", march(3)),
        Touch("crm", "at_close", march(3), "ann"),
        Touch("crm", "after", march(4), "ann"),
        Change("crm", "person", "ann", "lead", march(5)),
        Change("crm", "person", "ann", "mql", march(6)),
        Touch("crm", "again", march(6), "ann"),
    )
    places = {row[0]: (row[1][1], row[4]) for row in funnel.touches()}
    assert places == {
        "crm/at_close": (1, False),
        "crm/after": (1, True),
        "crm/again": (2, False),
    }
