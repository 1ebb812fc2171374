"""How much the coverage and the split of the work hang on a few accounts."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from orchestration.measures.figures import Settings
from orchestration.measures.road_ahead import BOUNDS, road_ahead

SETTINGS = Settings(confidence_level=0.95, too_few=20)
DEALS = pa.schema(
    [
        ("deal_id", pa.string()),
        ("segment", pa.string()),
        ("cluster_id", pa.string()),
        ("quarter_ahead", pa.int32()),
        ("is_what", pa.string()),
        ("amount_reporting", pa.decimal128(18, 2)),
        ("has_segments", pa.bool_()),
    ]
)
WORK = pa.schema(
    [
        ("cluster_id", pa.string()),
        ("segment", pa.string()),
        ("team", pa.string()),
        ("is_on_open_deal", pa.bool_()),
        ("touches", pa.int64()),
        ("has_segments", pa.bool_()),
    ]
)


def deals(*amounts: int | None, **more: Any) -> list[dict[str, Any]]:
    """Deals of these amounts that are expected in this quarter, each of an account of its own."""
    return [
        {
            "deal_id": f"{n:03}",
            "segment": "smb",
            "cluster_id": f"{n:03}",
            "quarter_ahead": 0,
            "is_what": "expected",
            "amount_reporting": None if amount is None else Decimal(amount),
            "has_segments": False,
            **more,
        }
        for n, amount in enumerate(amounts)
    ]


def work(*touches: tuple[int, int], **more: Any) -> list[dict[str, Any]]:
    """Marketing's touches of accounts: on their open deals, and on prospects before that."""
    return [
        {
            "cluster_id": f"{n:03}",
            "segment": "smb",
            "team": "marketing",
            "is_on_open_deal": is_now,
            "touches": count,
            "has_segments": False,
            **more,
        }
        for n, sides in enumerate(touches)
        for is_now, count in zip((True, False), sides, strict=True)
        if count
    ]


def bounds(
    of_deals: list[dict[str, Any]], of_work: list[dict[str, Any]] | None = None
) -> dict[tuple[str, int, str], dict[str, Any]]:
    """What is made of them, by measure, quarter and segment."""
    made = road_ahead(
        pa.Table.from_pylist(of_deals, schema=DEALS),
        pa.Table.from_pylist(of_work or [], schema=WORK),
        SETTINGS,
    )
    assert made.schema == BOUNDS
    return {(row["measure"], row["quarter_ahead"], row["segment"]): row for row in made.to_pylist()}


def test_the_same_amount_of_few_accounts_is_less_sure() -> None:
    spread = bounds(deals(*[10] * 40))["expected_amount", 0, "all"]
    whale = bounds(deals(361, *[1] * 39))["expected_amount", 0, "all"]
    assert (spread["n"], spread["low"], spread["high"]) == (40, 400.0, 400.0)
    assert whale["low"] < 0.25 * 400
    assert whale["high"] > 1.5 * 400


def test_deals_of_one_account_are_drawn_together() -> None:
    amounts = [*[1] * 20, *[19] * 20]
    alone = bounds(deals(*amounts))["expected_amount", 0, "all"]
    rows = [{**row, "cluster_id": str(int(row["deal_id"]) // 10)} for row in deals(*amounts)]
    shared = bounds(rows)["expected_amount", 0, "all"]
    assert shared["high"] - shared["low"] > 1.5 * (alone["high"] - alone["low"])


def test_only_what_is_expected_in_a_quarter_counts_for_it() -> None:
    rows = deals(*[10] * 25)
    rows += [
        {**row, "deal_id": f"{what}{row['deal_id']}", "is_what": what}
        for what in ("won", "overdue", "undated")
        for row in rows
    ]
    rows += [{**row, "deal_id": f"n{row['deal_id']}", "quarter_ahead": 1} for row in rows[:30]]
    made = bounds(rows)
    assert {key[1]: (row["n"], row["low"]) for key, row in made.items()} == {
        0: (25, 250.0),
        1: (25, 250.0),
    }


def test_a_deal_without_an_amount_is_a_case_that_adds_nothing() -> None:
    made = bounds(deals(*[None] * 20, 5))["expected_amount", 0, "all"]
    assert (made["n"], made["low"]) == (21, 0.0)


def test_the_share_of_the_work_lies_between_its_bounds() -> None:
    row = bounds([], work(*[(1, 3), (2, 2), (3, 1)] * 20))["marketing_touches", 0, "all"]
    assert row["n"] == 240
    assert row["low"] < 0.5 < row["high"]
    assert row["high"] - row["low"] < 0.2


def test_a_team_that_worked_on_one_side_alone_has_all_of_it_there() -> None:
    row = bounds([], work(*[(0, 3)] * 20, team="sales"))["sales_touches", 0, "all"]
    assert (row["low"], row["high"]) == (1.0, 1.0)


def test_each_segment_has_its_own_where_there_are_any() -> None:
    rows = deals(*[10] * 20, has_segments=True) + [
        {**row, "deal_id": f"m{row['deal_id']}", "cluster_id": f"m{row['cluster_id']}"}
        for row in deals(*[1] * 20, has_segments=True, segment="mid")
    ]
    made = bounds(rows)
    assert {key[2]: row["n"] for key, row in made.items()} == {"all": 40, "mid": 20, "smb": 20}
    assert made["expected_amount", 0, "mid"]["high"] == 20.0


@pytest.mark.parametrize(("n", "accounts", "rows"), [(19, 19, 0), (20, 1, 0), (20, 2, 1)])
def test_few_cases_or_one_account_have_no_bounds(n: int, accounts: int, rows: int) -> None:
    found = [{**row, "cluster_id": str(int(row["deal_id"]) % accounts)} for row in deals(*range(n))]
    assert len(bounds(found)) == rows


def test_without_deals_and_work_there_is_nothing_to_bound() -> None:
    assert bounds([]) == {}
