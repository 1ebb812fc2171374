"""The tests that hold alignment's tables against each other find what differs, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.dbt_project.compiled import Database

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
ALL = {"segment": "all", "slice_kind": "all", "slice": "all"}
ROLES: Tables = {
    "alignment_scorecard": [
        {"metric": "role_separation", "numerator": 3, "denominator": 4, "n": 4, **ALL},
        {"metric": "role_separation", "numerator": 1, "denominator": 2, "n": 2, **ALL},
        {"metric": "role_separation", "n": 0, **ALL, "segment": "smb"},
    ],
    "role_overlap": [
        {"segment": "all", "done_by": "different people", "person_id": "all", "journeys": 4},
        {"segment": "all", "done_by": "same person", "person_id": "all", "journeys": 2},
        {"segment": "all", "done_by": "same person", "person_id": "una", "journeys": 2},
    ],
}
WEEKS: Tables = {
    "alignment_scorecard": [
        {"metric": "joint_nurture_coverage", "numerator": 1, "denominator": 5, **ALL},
        {"metric": "joint_nurture_coverage", "numerator": 1, "denominator": 2, **ALL},
    ],
    "joint_nurture_silence": [{"deal_id": "a", "weeks": 4}, {"deal_id": "b", "weeks": 3}],
}
SEGMENTS: Tables = {
    "now_vs_road_ahead": [
        {"quarter_ahead": 0, "segment": segment, "won_amount": amount, "expected_amount": amount,
         "expected_deals": amount, "marketing_touches_now": amount}
        for segment, amount in (("all", 5), ("smb", 2), ("mid", 3))
    ],
    "agreement.settings": [{"segment_by": "account.employees"}],
}  # fmt: skip
AGREE = {
    "the_journeys_of_role_overlap_are_those_of_the_scorecard": ROLES,
    "the_silences_are_of_the_weeks_of_the_scorecard": WEEKS,
    "the_segments_of_the_road_ahead_add_up": SEGMENTS,
}
CHANGES = [
    ("the_journeys_of_role_overlap_are_those_of_the_scorecard", "role_overlap", "journeys"),
    ("the_silences_are_of_the_weeks_of_the_scorecard", "joint_nurture_silence", "weeks"),
    ("the_segments_of_the_road_ahead_add_up", "now_vs_road_ahead", "expected_amount"),
    ("the_segments_of_the_road_ahead_add_up", "now_vs_road_ahead", "marketing_touches_now"),
]


def _failing(database: Database, name: str) -> int:
    [node] = [n for n in database.project.manifest["nodes"].values() if n["name"] == name]
    return len(database.connection.execute(node["compiled_code"]).fetchall())


@pytest.mark.parametrize("name", AGREE)
def test_tables_that_agree_are_not_called_different(database: Database, name: str) -> None:
    for table, rows in AGREE[name].items():
        database.fill(table, rows)
    assert _failing(database, name) == 0


@pytest.mark.parametrize(("name", "table", "column"), CHANGES)
def test_tables_that_differ_are_found(
    database: Database, name: str, table: str, column: str
) -> None:
    tables = {filled: [dict(row) for row in rows] for filled, rows in AGREE[name].items()}
    tables[table][1][column] += 1
    for filled, rows in tables.items():
        database.fill(filled, rows)
    assert _failing(database, name) == 1
