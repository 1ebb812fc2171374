"""Rows of which many are alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from orchestration.statistics.arrays import distinct

ROWS = st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 3), st.booleans()), max_size=40)


@given(rows=ROWS)
def test_kinds_of_rows_are_numpys_unique_rows_in_order(rows: list[tuple[int, int, bool]]) -> None:
    columns = [np.array([row[place] for row in rows]) for place in range(3)]
    first, kind = distinct(*columns)
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    kinds, place, number = np.unique(table, axis=0, return_index=True, return_inverse=True)
    assert table[first].tolist() == kinds.tolist()
    assert first.tolist() == place.tolist()
    assert kind.tolist() == number.ravel().tolist()
