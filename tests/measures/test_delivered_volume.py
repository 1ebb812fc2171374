"""By how much chance moves what was delivered of a promise."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from scipy.stats import poisson

from orchestration.measures.delivered_volume import VOLUMES, delivered_volume
from orchestration.measures.figures import Settings

MAY = date(2026, 5, 1)


def deliveries(count: int, *, accounts: int, metric: str = "mql") -> list[dict[str, Any]]:
    """So many journeys of so many accounts, each adding one."""
    return [
        {
            "month": MAY,
            "segment": "all",
            "team": "marketing",
            "metric": metric,
            "cluster_id": f"a{number % accounts}",
            "quantity": Decimal("1.00"),
        }
        for number in range(count)
    ]


def bounds(rows: list[dict[str, Any]]) -> dict[str, tuple[float | None, float | None]]:
    columns = {name: pa.string() for name in ("segment", "team", "metric", "cluster_id")}
    schema = pa.schema(
        {"month": pa.date32(), **columns, "quantity": pa.decimal128(18, 2)},
    )
    found = delivered_volume(pa.Table.from_pylist(rows, schema=schema), Settings(0.95, 20))
    assert found.schema == VOLUMES
    return {row["metric"]: (row["low"], row["high"]) for row in found.to_pylist()}


def test_each_account_alone_moves_the_volume_as_a_poisson_number_does() -> None:
    assert bounds(deliveries(60, accounts=60))["mql"] == pytest.approx(
        poisson.interval(0.95, 60), abs=3
    )


def test_what_is_of_one_account_comes_or_stays_away_together() -> None:
    low, high = bounds(deliveries(60, accounts=6))["mql"]
    assert low is not None
    assert high is not None
    assert (low / 10, high / 10) == pytest.approx(poisson.interval(0.95, 6), abs=1)


def test_a_promise_has_the_same_interval_whatever_else_is_promised() -> None:
    mqls, leads = deliveries(30, accounts=30), deliveries(9, accounts=9, metric="lead")
    assert bounds([*leads, *mqls])["mql"] == bounds(mqls)["mql"]


def test_a_deal_without_an_amount_adds_nothing_and_one_account_has_no_interval() -> None:
    [row] = deliveries(1, accounts=1, metric="won_amount")
    rows = [{**row, "quantity": Decimal("9.50")}, {**row, "quantity": None}]
    assert bounds(rows)["won_amount"] == (None, None)
    other = {**row, "cluster_id": "b", "quantity": None}
    low, high = bounds([*rows, other])["won_amount"]
    assert low == 0
    assert high is not None
    assert high % 9.5 == 0
