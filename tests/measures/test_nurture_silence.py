"""For how long each team lets an open deal be, cell by cell."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from orchestration.measures.figures import FIGURES, Settings
from orchestration.measures.nurture_silence import nurture_silence

SETTINGS = Settings(confidence_level=0.95, too_few=20)
METRIC = "joint_nurture_coverage.longest_silence_sales"
SILENCES = pa.schema(
    [
        ("metric", pa.string()),
        ("event_id", pa.string()),
        *((name, pa.string()) for name in ("segment", "team", "owner", "source", "cluster_id")),
        ("month", pa.date32()),
        ("days", pa.int32()),
        ("has_segments", pa.bool_()),
    ]
)


def silences(days: list[int], **more: Any) -> list[dict[str, Any]]:
    """Deals that sales let be for so many days, each of an account of its own."""
    return [
        {
            "metric": METRIC,
            "event_id": f"{more.get('segment', 'smb')}{n:05}",
            "segment": "smb",
            "team": "sales",
            "owner": "una",
            "source": "fair",
            "cluster_id": str(n),
            "month": date(2026, 3, 1),
            "days": waited,
            "has_segments": True,
            **more,
        }
        for n, waited in enumerate(days)
    ]


def figures(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """What is made of these silences, by metric, segment, kind of slice and slice."""
    made = nurture_silence(pa.Table.from_pylist(rows, schema=SILENCES), SETTINGS)
    assert made.schema == FIGURES
    return {
        (row["metric"], row["segment"], row["slice_kind"], row["slice"]): row
        for row in made.to_pylist()
    }


def test_the_figure_is_the_median_over_deals() -> None:
    row = figures(silences([1, 90, 3, 4, 2]))[METRIC, "all", "all", "all"]
    assert (row["n"], row["value"], row["low"], row["status"]) == (5, 3.0, None, None)


def test_of_an_even_number_it_is_the_least_that_half_of_the_deals_do_not_go_beyond() -> None:
    assert figures(silences([1, 2, 8, 9]))[METRIC, "all", "all", "all"]["value"] == 2.0


def test_each_team_and_segment_has_its_own() -> None:
    made = figures(
        silences([1, 2, 3])
        + silences([10, 20, 30], segment="mid")
        + silences([50], metric="joint_nurture_coverage.longest_silence_marketing")
    )
    assert made[METRIC, "smb", "all", "all"]["value"] == 2.0
    assert made[METRIC, "mid", "all", "all"]["value"] == 20.0
    assert made[METRIC, "all", "owner", "una"]["value"] == 3.0
    marketing = made["joint_nurture_coverage.longest_silence_marketing", "all", "all", "all"]
    assert (marketing["n"], marketing["value"]) == (1, 50.0)


def test_enough_deals_have_an_interval_that_deals_of_one_account_widen() -> None:
    days = [int(day) for day in np.random.default_rng(1).permutation(np.arange(1, 101))]
    [alone, shared] = (
        figures(rows)[METRIC, "all", "all", "all"]
        for rows in (
            silences(days),
            [{**row, "cluster_id": str(row["days"] // 20)} for row in silences(days)],
        )
    )
    assert alone["value"] == shared["value"] == 50.0
    assert alone["low"] < 50.0 < alone["high"]
    assert shared["high"] - shared["low"] > 1.5 * (alone["high"] - alone["low"])


def test_fewer_than_too_few_have_none() -> None:
    few, enough = (figures(silences(list(range(n))))[METRIC, "all", "all", "all"] for n in (19, 20))
    assert few["low"] is None
    assert enough["low"] is not None
