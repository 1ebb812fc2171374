"""Position, W and full path against tables worked by hand: milestones missing, late, or at one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest

from tests.dbt_project.attribution.weights import fill_weights
from tests.dbt_project.compiled import Database

START = datetime(2026, 1, 1)
STEP = Decimal("0.000000000001")


class Case(NamedTuple):
    """Touches a, b, c … a day apart; `lead` and `opportunity` come on a day of their own.

    The tables say what each touch earns, in parts of their sum.
    """

    what: str
    touches: int
    lead: float | None
    opportunity: float | None
    u: Mapping[str, float]
    w: Mapping[str, float]
    full: Mapping[str, float]
    conversion: str = "won"
    lead_evidence: str = "history"


CASES = [
    Case(
        "every role has a touch of its own, and one is between them", 5, 1, 2,
        {"a": 40, "b": 20 / 3, "c": 20 / 3, "d": 20 / 3, "e": 40},
        {"a": 30, "b": 30, "c": 30, "d": 5, "e": 5},
        {"a": 22.5, "b": 22.5, "c": 22.5, "d": 10, "e": 22.5},
    ),
    Case(
        "the first touch led to the lead too", 4, 0, 2,
        {"a": 40, "b": 10, "c": 10, "d": 40},
        {"a": 60, "b": 5, "c": 30, "d": 5},
        {"a": 45, "b": 10, "c": 22.5, "d": 22.5},
    ),
    Case(
        "a milestone between two touches is the earlier one's", 4, 0.5, 2.5,
        {"a": 40, "b": 10, "c": 10, "d": 40},
        {"a": 60, "b": 5, "c": 30, "d": 5},
        {"a": 45, "b": 10, "c": 22.5, "d": 22.5},
    ),
    Case(
        "without a lead the rest is seven tenths", 4, None, 2,
        {"a": 40, "b": 10, "c": 10, "d": 40},
        {"a": 30, "b": 5, "c": 30, "d": 5},
        {"a": 22.5, "b": 10, "c": 22.5, "d": 22.5},
    ),
    Case(
        "a lead that is only implied is none", 4, 1, 2,
        {"a": 40, "b": 10, "c": 10, "d": 40},
        {"a": 30, "b": 5, "c": 30, "d": 5},
        {"a": 22.5, "b": 10, "c": 22.5, "d": 22.5},
        lead_evidence="inferred",
    ),
    Case(
        "without a middle the roles are the whole", 2, 0, 1,
        {"a": 40, "b": 40}, {"a": 60, "b": 30}, {"a": 45, "b": 45},
    ),
    Case("one touch is everything", 1, 0, 0, {"a": 1}, {"a": 1}, {"a": 1}),
    Case(
        "a milestone after the conversion is none, and full path is the W where nothing is won",
        3, 1, 99,
        {"a": 40, "b": 20, "c": 40},
        {"a": 30, "b": 30, "c": 10},
        {"a": 30, "b": 30, "c": 10},
        conversion="mql",
    ),
    Case(
        "a milestone before every touch is none", 3, -1, 1,
        {"a": 40, "b": 20, "c": 40},
        {"a": 30, "b": 30, "c": 10},
        {"a": 22.5, "b": 22.5, "c": 22.5},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_each_touch_earns_what_the_table_says(case: Case, database: Database) -> None:
    names = "abcdefgh"[: case.touches]
    database.fill(
        "int_conversion",
        [
            {"conversion": case.conversion, "conversion_id": "c", "journey_id": "j"}
            | {"converted_at": START + timedelta(days=case.touches)}
        ],
    )
    database.fill(
        "int_path_touch",
        [
            {"conversion_id": "c", "touch_id": name, "channel": name, "place": place + 1}
            | {"occurred_at": START + timedelta(days=place), "touches": case.touches}
            for place, name in enumerate(names)
        ],
    )
    milestones = [
        ("lead", case.lead, case.lead_evidence),
        ("opportunity", case.opportunity, "history"),
    ]
    database.fill(
        "fct_funnel_event",
        [
            {"journey_id": "j", "event": "stage_entered", "stage": stage, "counts": True}
            | {"occurred_at": START + timedelta(days=day), "evidence": evidence}
            for stage, day, evidence in milestones
            if day is not None
        ],
    )
    fill_weights(database)
    database.fill("agreement.settings", [{"half_life_days": 30}])
    database.build("int_path_role", "int_rule_part", "int_attribution_credit")
    rows = database.rows("select * from {int_attribution_credit}")
    for model, table in (("position_u", case.u), ("position_w", case.w), ("full_path", case.full)):
        found = {row["touch_id"]: row["credit"] for row in rows if row["model"] == model}
        whole = sum(map(Fraction, table.values()))
        assert sum(found.values()) == 1
        assert found.keys() == table.keys()
        for name, part in table.items():
            assert abs(Fraction(found[name]) - Fraction(part) / whole) <= Fraction(STEP)
