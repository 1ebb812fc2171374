"""Cycle times through the whole funnel, from what the sources tell."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dbt_project.compiled import Database
from tests.dbt_project.cycle_time.journeys import (
    AS_OF,
    EXITS,
    LADDER,
    curve_rows,
    fill_agreement,
    summary_row,
)

MIDNIGHT = datetime(2026, 2, 2)


@pytest.fixture
def inputs(database: Database) -> list[str]:
    """Every input model, empty, and an agreement; returns their names."""
    names = [name for name in database.project.relations if name.startswith("input_")]
    for name in names:
        database.fill(name, [])
    fill_agreement(database, minimum_at_risk=1, horizon_days=100, time_zone="UTC", use_phone=False)
    stages: list[dict[str, Any]] = [
        {"stage": stage, "stage_order": order, "is_exit": False, "owner": "sales"}
        for order, stage in enumerate(LADDER, 1)
    ]
    database.fill("agreement.stages", stages + [{"stage": e, "is_exit": True} for e in EXITS])
    return names


def _record(key: str) -> dict[str, Any]:
    return {"source": "crm", "source_record_id": key, "is_deleted": False, "loaded_at": AS_OF}


def _deal(key: str, stage: str, closed_at: datetime | None, **more: Any) -> dict[str, Any]:
    return {
        **_record(key),
        "deal_key": key,
        "stage": stage,
        "created_at": MIDNIGHT,
        "closed_at": closed_at,
        **more,
    }


def _entry(key: str, stage: str, at: datetime, **subject: str) -> dict[str, Any]:
    return {
        **_record(f"{key}-{stage}"),
        "stage_change_key": f"{key}-{stage}",
        "subject_kind": "deal" if "deal_key" in subject else "person",
        "stage": stage,
        "changed_at": at,
        "evidence": "timestamp_property",
        **subject,
    }


def test_deals_without_a_person_have_a_cycle_time(database: Database, inputs: list[str]) -> None:
    won_at = MIDNIGHT + timedelta(days=30)
    database.fill(
        "input_deals",
        [_deal("a", "won", won_at), _deal("b", "opportunity", None)],
    )
    database.fill(
        "input_stage_changes",
        [
            _entry("a", "opportunity", MIDNIGHT, deal_key="a"),
            _entry("a", "won", won_at, deal_key="a"),
            _entry("b", "opportunity", MIDNIGHT, deal_key="b"),
        ],
    )
    database.build_with_parents("cycle_time_curve", "cycle_time_summary", given=inputs)
    rows = curve_rows(database, "opportunity_to_won")
    open_since = (AS_OF.date() - MIDNIGHT.date()).days
    assert [(row["day"], row["at_risk"], row["won"], row["censored"]) for row in rows] == [
        (0, 2, 0, 0),
        (30, 2, 1, 0),
        (open_since, 1, 0, 1),
    ]
    assert summary_row(database, "opportunity_to_won")["p50"] == 30


def test_a_person_and_its_deal_make_one_cycle(database: Database, inputs: list[str]) -> None:
    lead_at, mql_at = MIDNIGHT - timedelta(days=20), MIDNIGHT - timedelta(days=8)
    won_at = MIDNIGHT + timedelta(days=30)
    person = {**_record("p"), "person_key": "p", "created_at": lead_at}
    database.fill("input_persons", [person])
    database.fill("input_deals", [_deal("a", "won", won_at, person_key="p")])
    database.fill(
        "input_stage_changes",
        [
            _entry("p", "lead", lead_at, person_key="p"),
            _entry("p", "mql", mql_at, person_key="p"),
            _entry("a", "opportunity", MIDNIGHT, deal_key="a"),
            _entry("a", "won", won_at, deal_key="a"),
        ],
    )
    database.build_with_parents("cycle_time_curve", "cycle_time_summary", given=inputs)
    won_on = {
        stage: [row["day"] for row in curve_rows(database, f"{stage}_to_won") if row["won"]]
        for stage in ("aware", "lead", "mql", "opportunity")
    }
    assert won_on == {"aware": [50], "lead": [50], "mql": [38], "opportunity": [30]}


def test_a_deal_won_before_its_lead_came_is_excluded_and_counted(
    database: Database, inputs: list[str]
) -> None:
    mql_at, won_at = MIDNIGHT, MIDNIGHT - timedelta(days=3)
    person = {**_record("p"), "person_key": "p", "created_at": mql_at}
    database.fill("input_persons", [person])
    database.fill("input_deals", [_deal("a", "won", won_at, person_key="p", created_at=None)])
    database.fill(
        "input_stage_changes",
        [_entry("p", "mql", mql_at, person_key="p"), _entry("a", "won", won_at, deal_key="a")],
    )
    database.build_with_parents(
        "cycle_time_curve", "cycle_time_summary", "quarantine", given=inputs
    )
    assert curve_rows(database) == []
    row = summary_row(database)
    assert (row["n"], row["n_excluded"], row["n_unknown_start"]) == (0, 1, 0)
    assert database.rows("select reason from {quarantine}") == [{"reason": "negative_duration"}]
