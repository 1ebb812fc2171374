"""A night makes of what changed the tables that a build makes of everything."""

from pathlib import Path

import pytest

from orchestration.nights.advance import advance
from tests.dbt_project.compiled import CompiledProject
from tests.nights.random_nights import Nights, bound_company, differing

PROSPECTS = 60


@pytest.fixture(scope="session")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is bound of a simulated company."""
    return bound_company(tmp_path_factory.mktemp("nights"), PROSPECTS)


@pytest.mark.parametrize(
    ("seed", "count"),
    [(0, 2), *(pytest.param(seed, 3, marks=pytest.mark.slow) for seed in range(8))],
)
def test_after_every_night_each_table_is_what_a_whole_build_makes(
    project: CompiledProject, bound: Path, seed: int, count: int
) -> None:
    nights = Nights(project, bound, seed)
    nights.build()
    for _ in range(count):
        base = nights.base
        nights.land()
        advanced = advance(nights.connection, nights.steps, base, lambda _: None, most=1)

        nights.build_the_rest()
        assert len(advanced) == len(nights.steps.kept)
        assert differing(nights, nights.built_in_full()) == {}
