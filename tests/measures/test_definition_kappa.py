"""Kappa of what the two teams call qualified, from a sample of what marketing did not."""

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import cohen_kappa_score

from orchestration.measures.definition_kappa import METRIC, definition_kappa
from orchestration.measures.figures import FIGURES, Settings
from orchestration.statistics.kappa import Cells, kappa

SETTINGS = Settings(confidence_level=0.95, too_few=20)
CASES = pa.schema(
    [
        ("journey_id", pa.string()),
        ("month", pa.date32()),
        *((name, pa.string()) for name in ("segment", "team", "owner", "source", "cluster_id")),
        ("is_what", pa.string()),
        ("is_qualified_by_sales", pa.bool_()),
        ("has_segments", pa.bool_()),
    ]
)


def cases(*groups: tuple[str, bool | None, int], **more: Any) -> list[dict[str, Any]]:
    """So many journeys of each kind, of which sales said so; each of an account of its own."""
    kinds = [(is_what, said) for is_what, said, count in groups for _ in range(count)]
    return [
        {
            "journey_id": f"{n:05}",
            "month": date(2026, 3, 1),
            "segment": "smb",
            "team": "sales",
            "owner": "una",
            "source": "fair",
            "cluster_id": f"{n:05}",
            "is_what": is_what,
            "is_qualified_by_sales": said,
            "has_segments": False,
            **more,
        }
        for n, (is_what, said) in enumerate(kinds)
    ]


def figure(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figure of all these journeys."""
    made = definition_kappa(pa.Table.from_pylist(rows, schema=CASES), SETTINGS)
    assert made.schema == FIGURES
    [row] = [row for row in made.to_pylist() if row["slice_kind"] == "all"]
    assert row["metric"] == METRIC
    return dict(row)


def test_where_all_were_judged_it_is_cohens() -> None:
    row = figure(
        cases(
            ("qualified", True, 30),
            ("qualified", False, 10),
            ("drawn", True, 5),
            ("drawn", False, 55),
        )
    )
    marketing = np.repeat([1, 1, 0, 0], [30, 10, 5, 55])
    sales = np.repeat([1, 0, 1, 0], [30, 10, 5, 55])
    assert row["value"] == pytest.approx(cohen_kappa_score(marketing, sales))
    assert (row["n"], row["status"]) == (60, None)


def test_a_sample_stands_for_all_that_it_was_drawn_from() -> None:
    whole = cases(
        ("qualified", True, 30),
        ("qualified", False, 10),
        ("drawn", True, 40),
        ("drawn", False, 360),
    )
    sampled = cases(
        ("qualified", True, 30),
        ("qualified", False, 10),
        ("drawn", True, 4),
        ("drawn", False, 36),
        ("drawn", None, 10),
        ("rest", None, 350),
    )
    assert figure(sampled)["value"] == pytest.approx(figure(whole)["value"])
    assert figure(sampled)["n"] == 40


def test_what_sales_picked_itself_stands_for_itself_alone() -> None:
    whole = cases(
        ("qualified", True, 30),
        ("qualified", False, 10),
        ("drawn", True, 60),
        ("drawn", False, 360),
    )
    sampled = cases(
        ("qualified", True, 30),
        ("qualified", False, 10),
        ("picked", True, 20),
        ("drawn", True, 4),
        ("drawn", False, 36),
        ("rest", None, 360),
    )
    assert figure(sampled)["value"] == pytest.approx(figure(whole)["value"])


def test_what_sales_has_not_decided_on_is_stood_for_by_what_it_has() -> None:
    groups = (("drawn", True, 5), ("drawn", False, 55))
    whole = cases(("qualified", True, 30), ("qualified", False, 10), *groups)
    waiting = cases(
        ("qualified", True, 15), ("qualified", False, 5), ("qualified", None, 20), *groups
    )
    assert figure(waiting)["value"] == pytest.approx(figure(whole)["value"])


def test_without_a_judged_sample_it_is_not_identifiable() -> None:
    row = figure(cases(("qualified", True, 30), ("picked", True, 30), ("drawn", None, 30)))
    assert (row["n"], row["value"], row["status"]) == (0, None, "not identifiable")


def test_teams_that_say_one_thing_of_all_have_none() -> None:
    row = figure(cases(("drawn", False, 30), ("rest", None, 30)))
    assert (row["n"], row["value"], row["status"]) == (30, None, "not estimable")


@pytest.mark.parametrize(("n", "has_interval"), [(19, False), (20, True)])
def test_a_small_sample_has_no_interval(n: int, has_interval: bool) -> None:
    groups = (("qualified", True, 30), ("qualified", False, 10), ("drawn", True, 3))
    row = figure(cases(*groups, ("drawn", False, n - 3), ("rest", None, 100)))
    assert (row["low"] is not None) == has_interval
    if has_interval:
        assert row["low"] < row["value"] < row["high"]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = kappa(Cells(yes_yes=0.3 * 0.7, yes_no=0.3 * 0.3, no_yes=0.7 * 0.1, no_no=0.7 * 0.9))
    assert truth is not None
    draw = np.random.default_rng(5)
    hits = 0
    for _ in range(40):
        groups: Counter[tuple[str, bool | None]] = Counter()
        for _ in range(300):
            if draw.random() < 0.3:
                groups["qualified", bool(draw.random() < 0.7)] += 1
            elif draw.random() < 0.3:
                groups["drawn", bool(draw.random() < 0.1)] += 1
            else:
                groups["rest", None] += 1
        row = figure(cases(*[(what, said, count) for (what, said), count in groups.items()]))
        hits += row["low"] <= truth <= row["high"]
    assert 34 <= hits <= 40


def test_each_segment_has_its_own() -> None:
    groups = (("qualified", True, 3), ("qualified", False, 1), ("drawn", False, 8))
    rows = cases(*groups, has_segments=True)
    rows += [
        {**row, "journey_id": f"m{row['journey_id']}", "segment": "mid"}
        for row in cases(("qualified", True, 4), ("drawn", None, 4), has_segments=True)
    ]
    made = definition_kappa(pa.Table.from_pylist(rows, schema=CASES), SETTINGS).to_pylist()
    told = {row["segment"]: row["status"] for row in made if row["slice_kind"] == "all"}
    assert told == {"all": None, "mid": "not identifiable", "smb": None}
