"""What comes of journeys that one person worked on for both teams, beside the rest."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from orchestration.measures.figures import Settings
from orchestration.measures.role_overlap import DIFFERENT, OVERLAPS, SAME, role_overlap

SETTINGS = Settings(confidence_level=0.95, too_few=20, horizon_days=100)
WON, LOST, OPEN = 1, 2, 0
JOURNEYS = pa.schema(
    [
        ("journey_id", pa.string()),
        ("cluster_id", pa.string()),
        ("segment", pa.string()),
        ("is_separate", pa.bool_()),
        ("days", pa.int32()),
        ("ended_by", pa.int32()),
        ("has_segments", pa.bool_()),
    ]
)
WORKERS = pa.schema(
    [
        ("journey_id", pa.string()),
        ("person_id", pa.string()),
        ("marketing_since", pa.timestamp("us")),
        ("sales_since", pa.timestamp("us")),
    ]
)
SOME_DAY = datetime(2026, 1, 1)


def journeys(
    *ends: tuple[int | None, int], is_separate: bool = True, **more: Any
) -> list[dict[str, Any]]:
    """Journeys that ended after so many days, and how; each of an account of its own."""
    return [
        {
            "journey_id": f"{is_separate}{n}",
            "cluster_id": f"{is_separate}{n}",
            "segment": "smb",
            "is_separate": is_separate,
            "days": days,
            "ended_by": ended_by,
            "has_segments": False,
            **more,
        }
        for n, (days, ended_by) in enumerate(ends)
    ]


def overlaps(
    rows: list[dict[str, Any]], workers: list[dict[str, Any]] | None = None
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What is made of these journeys, by segment, who did the work, and person."""
    made = role_overlap(
        pa.Table.from_pylist(rows, schema=JOURNEYS),
        pa.Table.from_pylist(workers or [], schema=WORKERS),
        SETTINGS,
    )
    assert made.schema == OVERLAPS
    return {(row["segment"], row["done_by"], row["person_id"]): row for row in made.to_pylist()}


def test_the_share_won_and_its_median_stand_beside_those_of_the_rest() -> None:
    apart = journeys((10, WON), (20, WON), (30, WON), (40, LOST))
    alike = journeys((50, WON), (60, LOST), is_separate=False)
    made = overlaps(apart + alike)
    rest, same = made["all", DIFFERENT, "all"], made["all", SAME, "all"]
    assert (rest["journeys"], rest["won"], rest["share_won"], rest["median_days"]) == (
        4,
        3,
        0.75,
        20,
    )
    assert (same["journeys"], same["won"], same["share_won"], same["median_days"]) == (
        2,
        1,
        0.5,
        50,
    )


def test_what_is_still_open_counts_as_open() -> None:
    # At risk after 10 days: 3 of 4; after 30: 1. F(10) = 1/4, F(30) = 1/4 + 3/4.
    row = overlaps(journeys((10, WON), (20, OPEN), (20, OPEN), (30, WON)))["all", DIFFERENT, "all"]
    assert (row["share_won"], row["median_days"], row["open_journeys"]) == (1.0, 30, 2)


def test_a_win_after_the_horizon_is_none() -> None:
    row = overlaps(journeys((10, WON), (101, WON), (200, OPEN), (300, OPEN)))[
        "all", DIFFERENT, "all"
    ]
    assert (row["won"], row["share_won"], row["median_days"]) == (2, 0.25, 10)


def test_a_share_that_is_not_known_yet_is_not_told() -> None:
    row = overlaps(journeys((10, WON), (99, OPEN)))["all", DIFFERENT, "all"]
    assert (row["status"], row["share_won"], row["median_days"]) == (
        "follow-up too short",
        None,
        None,
    )


def test_few_journeys_have_no_interval() -> None:
    few = overlaps(journeys(*[(day, WON) for day in range(1, 20)]))["all", DIFFERENT, "all"]
    enough = overlaps(journeys(*[(day, WON) for day in range(1, 21)]))["all", DIFFERENT, "all"]
    assert (few["status"], few["median_days"], few["median_days_low"]) == ("too few", 10, None)
    assert enough["status"] == "ok"
    assert enough["median_days_low"] < enough["median_days"] < enough["median_days_high"]


def test_journeys_of_few_accounts_tell_less() -> None:
    ends = [(day, WON if day % 2 else LOST) for day in range(1, 41)]
    rows = journeys(*ends)
    together = [{**row, "cluster_id": f"{row['ended_by']}{row['days'] // 20}"} for row in rows]
    alone, shared = (overlaps(found)["all", DIFFERENT, "all"] for found in (rows, together))
    assert alone["share_won"] == shared["share_won"] == pytest.approx(0.5)
    width = [row["share_won_high"] - row["share_won_low"] for row in (alone, shared)]
    assert width[1] > 1.5 * width[0]


def test_one_account_alone_has_no_interval() -> None:
    ends = [(day, WON) for day in range(1, 31)]
    row = overlaps(journeys(*ends, cluster_id="a"))["all", DIFFERENT, "all"]
    assert (row["status"], row["share_won_low"]) == ("no interval", None)


def test_none_won_has_a_share_of_nothing_and_no_median() -> None:
    row = overlaps(journeys(*[(day, LOST) for day in range(1, 31)]))["all", DIFFERENT, "all"]
    assert (row["status"], row["share_won"], row["median_days"]) == ("none won", 0.0, None)


def test_a_journey_whose_days_nobody_knows_is_counted_and_not_reckoned_with() -> None:
    row = overlaps(journeys((10, WON), (None, WON)))["all", DIFFERENT, "all"]
    assert (row["journeys"], row["won"], row["n"], row["median_days"]) == (2, 2, 1, 10)


def test_each_who_does_both_has_the_journeys_on_which_he_did() -> None:
    rows = journeys((10, WON), (20, LOST), (30, WON), is_separate=False)
    did_both = {"marketing_since": SOME_DAY, "sales_since": SOME_DAY}
    made = overlaps(
        rows + journeys((5, WON)),
        [
            {"journey_id": "False0", "person_id": "una", **did_both},
            {"journey_id": "False1", "person_id": "una", **did_both},
            {"journey_id": "False1", "person_id": "max", **did_both},
            {"journey_id": "False2", "person_id": "ole", **did_both},
            {"journey_id": "False0", "person_id": "ole", "sales_since": SOME_DAY},
            {"journey_id": "True0", "person_id": "max", "marketing_since": SOME_DAY},
            {"journey_id": "member", "person_id": "max", **did_both},
        ],
    )
    told = {key[2]: row["journeys"] for key, row in made.items() if key[1] == SAME}
    assert told == {"all": 3, "max": 1, "ole": 1, "una": 2}
    assert made["all", SAME, "una"]["share_won"] == 0.5


def test_each_segment_stands_beside_all_where_there_are_any() -> None:
    rows = journeys((10, WON), has_segments=True) + journeys(
        (20, WON), is_separate=False, segment="mid", has_segments=True
    )
    made = overlaps(rows)
    assert {key[:2]: row["journeys"] for key, row in made.items()} == {
        ("all", DIFFERENT): 1,
        ("all", SAME): 1,
        ("smb", DIFFERENT): 1,
        ("smb", SAME): 0,
        ("mid", DIFFERENT): 0,
        ("mid", SAME): 1,
    }
    assert made["smb", SAME, "all"]["status"] == "no data"


def test_without_a_journey_of_both_teams_there_is_nothing_to_tell() -> None:
    assert overlaps([]) == {}
