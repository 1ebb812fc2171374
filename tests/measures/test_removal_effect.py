"""The table of removal effects, from counted steps."""

import pyarrow as pa
import pytest

from orchestration.measures.removal_effect import removal_effect


def _table(*steps: tuple[str, str, str, int]) -> pa.Table:
    names = ("conversion", "from_state", "to_state", "transitions")
    return pa.Table.from_pylist([dict(zip(names, step, strict=True)) for step in steps])


# The textbook's three paths: c1 c2 c3 converts; c1, and c2 c3, lead to nothing.
TEXTBOOK = (
    ("won", "(start)", "c1", 2),
    ("won", "(start)", "c2", 1),
    ("won", "c1", "c2", 1),
    ("won", "c1", "(nothing)", 1),
    ("won", "c2", "c3", 2),
    ("won", "c3", "(conversion)", 1),
    ("won", "c3", "(nothing)", 1),
)


def test_the_textbooks_three_paths_have_its_effects() -> None:
    rows = removal_effect(_table(*TEXTBOOK)).to_pylist()
    assert [(r["conversion"], r["channel"]) for r in rows] == [
        ("won", "c1"),
        ("won", "c2"),
        ("won", "c3"),
    ]
    assert [r["conversion_rate"] for r in rows] == pytest.approx([1 / 3] * 3)
    assert [r["removal_effect"] for r in rows] == pytest.approx([0.5, 1.0, 1.0])


def test_each_conversion_has_a_chain_of_its_own() -> None:
    alone = removal_effect(_table(*TEXTBOOK)).to_pylist()
    others = [("mql", "(start)", "c1", 5), ("mql", "c1", "(conversion)", 5)]
    rows = removal_effect(_table(*others, *TEXTBOOK)).to_pylist()
    assert [row for row in rows if row["conversion"] == "won"] == alone
    assert [row["channel"] for row in rows if row["conversion"] == "mql"] == ["c1"]


def test_where_nothing_converts_there_is_no_effect_to_tell() -> None:
    rows = removal_effect(_table(("won", "(start)", "c1", 5), ("won", "c1", "(nothing)", 5)))
    assert rows.to_pylist() == [
        {"conversion": "won", "channel": "c1", "conversion_rate": 0.0, "removal_effect": None}
    ]


def test_conversions_that_no_touch_came_before_are_among_all() -> None:
    rows = removal_effect(
        _table(
            ("won", "(start)", "c1", 1),
            ("won", "c1", "(conversion)", 1),
            ("won", "(start)", "(conversion)", 3),
        )
    ).to_pylist()
    assert [row["removal_effect"] for row in rows] == pytest.approx([0.25])
