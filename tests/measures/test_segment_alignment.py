"""Whether marketing aims where sales wins: what is compared, with what, and when nothing is."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon

from orchestration.measures.figures import Settings
from orchestration.measures.segment_alignment import ALIGNMENTS, segment_alignments

SETTINGS = Settings(0.95, 20)
MAY = date(2026, 5, 1)

Case = dict[str, Any]


def cases(
    measure: str, segments: list[str | None], *, prefix: str = "a", compared_with: str | None = None
) -> list[Case]:
    """One case of a measure in each of these segments, each of an account of its own."""
    return [
        {
            "measure": measure,
            "compared_with": compared_with,
            "month": MAY,
            "cluster_id": f"{prefix}{number}",
            "segment": segment,
            "cases": 1,
            "amount": 1.0,
        }
        for number, segment in enumerate(segments)
    ]


def pair(rows: list[Case], measure: str, compared_with: str) -> Case:
    columns = {
        "measure": pa.string(),
        "compared_with": pa.string(),
        "month": pa.date32(),
        "cluster_id": pa.string(),
        "segment": pa.string(),
        "cases": pa.int64(),
        "amount": pa.float64(),
    }
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
    found = segment_alignments(table, SETTINGS)
    assert found.schema == ALIGNMENTS
    [row] = [
        row
        for row in found.to_pylist()
        if (row["measure"], row["compared_with"]) == (measure, compared_with)
    ]
    return row


def test_the_value_is_one_less_scipys_squared_distance_above_chance() -> None:
    leads = ["smb"] * 30 + ["mid"] * 10 + [None] * 10
    mqls = ["smb"] * 10 + ["mid"] * 20 + [None] * 5
    row = pair([*cases("leads", leads), *cases("mqls", mqls, prefix="b")], "leads", "mqls")
    expected = jensenshannon([30, 10, 10], [10, 20, 5], base=2) ** 2
    assert row["divergence"] == pytest.approx(expected)
    assert row["value"] == pytest.approx(1 - (row["divergence"] - row["by_chance"]))
    assert (row["n"], row["n_compared"], row["status"]) == (50, 35, "ok")
    assert row["low"] <= row["value"] <= row["high"]


def test_a_win_is_compared_only_with_the_measure_whose_cycle_it_is_lagged_by() -> None:
    rows = [
        *cases("mqls", ["smb"] * 30),
        *cases("leads", ["smb"] * 30),
        *cases("won", ["mid"] * 25, prefix="w", compared_with="mqls"),
    ]
    assert pair(rows, "mqls", "won")["divergence"] == pytest.approx(1)
    assert pair(rows, "leads", "won")["status"] == "no data"


@pytest.mark.parametrize(("known", "status"), [(20, "ok"), (19, "no data")])
def test_spend_is_compared_where_four_fifths_of_it_have_a_segment(known: int, status: str) -> None:
    spend = cases("spend", ["smb"] * known + [None] * (25 - known), prefix="s")
    row = pair([*spend, *cases("leads", ["smb", "mid"] * 15)], "spend", "leads")
    assert row["status"] == status
    assert (row["value"] is None) == (status == "no data")


def test_many_contacts_of_few_accounts_are_no_evidence_that_the_teams_aim_apart() -> None:
    rows = [
        *cases("leads", ["smb"] * 30 + ["mid"] * 30),
        *cases("pipeline", ["smb"] * 30 + ["mid"] * 10, prefix="p"),
    ]
    for place, row in enumerate(rows):
        row["cluster_id"] = f"{row['measure']}{row['segment']}{place % 2}"
    clustered = pair(rows, "leads", "pipeline")
    for place, row in enumerate(rows):
        row["cluster_id"] = f"{place}"
    alone = pair(rows, "leads", "pipeline")
    assert clustered["divergence"] == pytest.approx(alone["divergence"])
    assert alone["p_value"] < 0.05 < clustered["p_value"]
    assert clustered["by_chance"] > alone["by_chance"]


def test_few_cases_are_said_to_be_too_few_and_have_no_interval() -> None:
    row = pair([*cases("leads", ["smb"] * 30), *cases("mqls", ["smb"] * 19)], "leads", "mqls")
    assert (row["status"], row["low"], row["high"]) == ("too few", None, None)


def test_the_same_cases_in_any_order_give_the_same_figures() -> None:
    rows = [*cases("leads", ["smb", "mid"] * 20), *cases("mqls", ["smb", "mid", "smb"] * 10)]
    turned = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]
    assert pair(rows, "leads", "mqls") == pair(turned, "leads", "mqls")
