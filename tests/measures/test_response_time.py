"""The figures of response time, cell by cell."""

import random
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from orchestration.measures.figures import FIGURES, Settings
from orchestration.measures.response_time import response_time

SETTINGS = Settings(confidence_level=0.95, too_few=20)
WAITS = pa.schema(
    [
        ("measure", pa.string()),
        ("handoff_id", pa.string()),
        *((name, pa.string()) for name in ("segment", "team", "owner", "source", "cluster_id")),
        ("month", pa.date32()),
        ("hours", pa.float64()),
        ("ended_by", pa.int32()),
        ("has_segments", pa.bool_()),
    ]
)


def waits(
    hours: list[float | None], *, accounts: int = 1_000, has_segments: bool = True, **more: Any
) -> list[dict[str, Any]]:
    """Handoffs that were answered after so many hours; None: they still wait after 80."""
    return [
        {
            "measure": "response_time",
            "handoff_id": f"{more.get('segment', 'smb')}{n:05}",
            "segment": "smb",
            "team": "sales",
            "owner": "una",
            "source": "fair",
            "cluster_id": str(n % accounts),
            "month": date(2026, 3, 1),
            "hours": 80.0 if waited is None else waited,
            "ended_by": 0 if waited is None else 1,
            "has_segments": has_segments,
            **more,
        }
        for n, waited in enumerate(hours)
    ]


def figures(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """What is made of these waits, by metric, segment, kind of slice and slice."""
    made = response_time(pa.Table.from_pylist(rows, schema=WAITS), SETTINGS)
    assert made.schema == FIGURES
    return {
        (row["metric"], row["segment"], row["slice_kind"], row["slice"]): row
        for row in made.to_pylist()
    }


def test_those_who_still_wait_are_part_of_the_median() -> None:
    answered = figures(waits([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert answered["response_time", "all", "all", "all"]["value"] == 3.0
    two_wait = figures(waits([1.0, 2.0, 3.0, 4.0, 5.0, None, None]))
    assert two_wait["response_time", "all", "all", "all"]["value"] == 4.0
    most_wait = figures(waits([1.0, 2.0, None, None, None]))
    row = most_wait["response_time", "all", "all", "all"]
    assert (row["value"], row["low"], row["n"], row["status"]) == (None, None, 5, "not reached")


def test_the_measure_is_its_median() -> None:
    made = figures(waits([float(n) for n in range(1, 41)]))
    for segment in ("all", "smb"):
        median = made["response_time.p50", segment, "owner", "una"]
        assert made["response_time", segment, "owner", "una"] == median | {
            "metric": "response_time"
        }
        assert made["response_time.p90", segment, "owner", "una"]["value"] == 36.0


def test_every_case_stands_in_its_own_cells_alone() -> None:
    made = figures(waits([1.0, 2.0, 3.0]) + waits([9.0], segment="mid", owner="max"))
    counts = {key[1:]: row["n"] for key, row in made.items() if key[0] == "response_time"}
    assert counts == {
        ("all", "all", "all"): 4,
        ("smb", "all", "all"): 3,
        ("mid", "all", "all"): 1,
        ("all", "team", "sales"): 4,
        ("smb", "team", "sales"): 3,
        ("mid", "team", "sales"): 1,
        ("all", "owner", "una"): 3,
        ("all", "owner", "max"): 1,
        ("smb", "owner", "una"): 3,
        ("mid", "owner", "max"): 1,
        ("all", "source", "fair"): 4,
        ("smb", "source", "fair"): 3,
        ("mid", "source", "fair"): 1,
    }


def test_without_segments_all_is_the_only_one() -> None:
    made = figures(waits([1.0, 2.0], segment="all", has_segments=False))
    assert {key[1] for key in made} == {"all"}


def test_the_interval_holds_the_value_and_narrows_with_more_accounts() -> None:
    turn = random.Random(5)
    hours = [turn.expovariate(0.2) for _ in range(400)]
    few, many = (
        figures(waits(hours, accounts=accounts))["response_time", "all", "all", "all"]
        for accounts in (8, 400)
    )
    assert few["low"] < few["value"] < few["high"]
    assert many["low"] < many["value"] < many["high"]
    assert few["value"] == many["value"]


def test_a_quantile_that_half_of_the_draws_do_not_reach_has_no_upper_bound() -> None:
    row = figures(waits([1.0] * 16 + [2.0] * 5 + [None] * 19))["response_time", "all", "all", "all"]
    assert row["value"] == 2.0
    assert row["low"] is not None
    assert row["high"] is None


def test_too_few_cases_and_a_single_account_have_no_interval() -> None:
    few = figures(waits([1.0] * 10 + [2.0] * 9))["response_time", "all", "all", "all"]
    alone = figures(waits([1.0] * 30 + [2.0] * 9, accounts=1))["response_time", "all", "all", "all"]
    for row in (few, alone):
        assert row["value"] == 1.0
        assert (row["low"], row["high"]) == (None, None)


def test_the_order_of_the_rows_and_other_cells_change_no_figure() -> None:
    turn = random.Random(9)
    rows = waits([turn.expovariate(0.1) if turn.random() < 0.8 else None for _ in range(120)])
    others = waits([turn.expovariate(0.3) for _ in range(40)], month=date(2026, 4, 1))
    shuffled = [row | {"handoff_id": "o" + row["handoff_id"]} for row in others] + rows
    turn.shuffle(shuffled)

    def march(of: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made = response_time(pa.Table.from_pylist(of, schema=WAITS), SETTINGS).to_pylist()
        return [row for row in made if row["month"] == date(2026, 3, 1)]

    assert march(shuffled) == march(rows)


def test_a_company_without_handoffs_has_no_figures() -> None:
    assert figures([]) == {}


@pytest.mark.parametrize("accounts", [2, 50])
def test_the_same_waits_give_the_same_interval(accounts: int) -> None:
    rows = waits([float(n % 7) for n in range(60)], accounts=accounts)
    assert figures(rows) == figures(rows)
