"""The promises and the truth again, at three sizes of the simulated company."""

from pathlib import Path

import pytest

from benchmarks.truth.compare import compare
from tests.always_true import kept
from tests.end_to_end.default_company import after_one_night
from tests.end_to_end.running import REPOSITORY


@pytest.mark.slow
@pytest.mark.parametrize("prospects", [100, 2_000, 10_000])
def test_promises_hold_and_each_miss_has_a_reason(tmp_path: Path, prospects: int) -> None:
    company = after_one_night(tmp_path / "company", prospects)
    assert set(kept(company.data, REPOSITORY).values()) == {"good"}
    parts = compare(company.data / "warehouse.duckdb", company.data / "truth")
    assert {part.name: part.reasons for part in parts if part.unexplained} == {}
    assert min(part.precision for part in parts if part.name.startswith("identity")) == 1.0
